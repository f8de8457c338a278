import {
  addError,
  type Check,
  inWords,
  isAbsent,
  isMapping,
  newCheck,
  pathInWords,
  readList,
  readMapping,
} from "./check.ts";
import { checkFields, type FieldSet } from "./fields.ts";
import type { InputFinding } from "./finding-codes.ts";
import { nearestFix } from "./input-fixes.ts";
import { readLabelSelector } from "./label-selector.ts";
import type { Origin } from "./location.ts";
import { describeObject, readMetadata, readNamespace } from "./metadata.ts";
import { readEgress, readIngress } from "./network-policy-rule.ts";
import { OBJECT_FIELDS } from "./object-fields.ts";
import { checkObjectMeta } from "./object-meta.ts";
import type { LabelSelector, NetworkPolicy, NetworkPolicySpec, PolicyType } from "./objects.ts";
import { checkPolicyMetadata, readIgnore, readMode } from "./policy-metadata.ts";
import { didYouMean } from "./suggest.ts";
import { containsUnreadable, UNREADABLE } from "./text-problem.ts";

const POLICY_TYPES: readonly PolicyType[] = ["Ingress", "Egress"];
const SPEC_FIELDS = ["podSelector", "policyTypes", "ingress", "egress"];

const POLICY: FieldSet = {
  name: "A NetworkPolicy",
  fields: OBJECT_FIELDS,
  elsewhere: Object.fromEntries(SPEC_FIELDS.map((field) => [field, `Indent ${field} under spec:.`])),
};

const SPEC: FieldSet = {
  name: "spec",
  fields: SPEC_FIELDS,
  elsewhere: {
    from: "from belongs into a rule: ingress: and below it - from: ...",
    to: "to belongs into a rule: egress: and below it - to: ...",
    ports: "ports belongs into a rule: ingress: (or egress:) and below it - ports: ...",
    selector: "Did you mean podSelector?",
    matchLabels: "Put it inside podSelector:.",
    matchExpressions: "Put it inside podSelector:.",
    namespaceSelector: "A policy selects pods of its own namespace only: set metadata.namespace instead.",
  },
};

const PATH = ["spec"] as const;

/** What {@link readNetworkPolicy} made of a value. */
export interface ReadPolicy {
  readonly policy: NetworkPolicy;
  readonly findings: readonly InputFinding[];
}

/** A fault that was found before: in `apiVersion` or `kind`. */
export type HeadFault = (check: Check) => void;

/**
 * Reads a networking.k8s.io/v1 NetworkPolicy as strictly as the API server with field validation. With any error
 * the policy is `broken`: it isolates what it would have isolated, as far as that can be read, and allows nothing.
 */
export function readNetworkPolicy(
  value: Readonly<Record<string, unknown>>,
  origin: Origin,
  headFault?: HeadFault,
): ReadPolicy {
  const check = newCheck(origin, describeObject("NetworkPolicy", value, true));
  headFault?.(check);
  checkFields(check, value, [], POLICY);
  const metadata = readMetadata(check, value);
  const beforeNamespace = check.errors;
  const namespace = readNamespace(check, value);
  if (check.errors > beforeNamespace || !hasReadableMetadata(value)) reportUnknownNamespace(check);
  if (isMapping(value.metadata)) {
    checkPolicyMetadata(check, value.metadata, SPEC_FIELDS);
    checkObjectMeta(check, value.metadata, "built-in");
  }
  const parts = readSpec(check, value.spec);
  if (check.errors === 0 && containsUnreadable(value)) check.errors++;
  const broken = check.errors > 0;
  const name = metadata.name === "" ? `policy-at-line-${origin.position([]).line}` : metadata.name;
  const spec = broken ? closedSpec(parts) : parts.spec;
  return {
    policy: {
      kind: "NetworkPolicy",
      namespace,
      name,
      spec,
      broken,
      ...readMode(check, value.metadata),
      ...readIgnore(value.metadata),
      origin,
    },
    findings: check.findings,
  };
}

/** No metadata at all is the namespace `default`, as in the API; metadata of another type is anything. */
function hasReadableMetadata(value: Readonly<Record<string, unknown>>): boolean {
  return isAbsent(value.metadata) || isMapping(value.metadata);
}

function reportUnknownNamespace(check: Check): void {
  addError(check, ["metadata"], {
    code: "policy-unreadable",
    message: "The namespace of this NetworkPolicy cannot be read, so nobody can say which pods it protects.",
    help: "Correct metadata.namespace first: until then its pods cannot even be treated as closed.",
    part: "key",
  });
}

/** The spec, and which parts of it are beyond doubt. */
interface SpecParts {
  readonly spec: NetworkPolicySpec;
  /** Undefined if the pods that are selected are not certain. */
  readonly podSelector: LabelSelector | undefined;
  /** The directions that are isolated, the implied ones included; undefined if they are not certain. */
  readonly policyTypes: readonly PolicyType[] | undefined;
}

function closedSpec({ podSelector, policyTypes }: SpecParts): NetworkPolicySpec {
  return {
    podSelector: podSelector ?? {},
    policyTypes: policyTypes ?? POLICY_TYPES,
    ingress: [],
    egress: [],
  };
}

function readSpec(check: Check, value: unknown): SpecParts {
  if (isAbsent(value)) {
    addError(check, PATH, {
      code: "missing-field",
      message: "The NetworkPolicy has no spec.",
      help: "Add spec with podSelector; {} selects every pod of the namespace.",
    });
  }
  const map = readMapping(check, value, PATH);
  if (map === undefined) return { spec: { podSelector: {} }, podSelector: undefined, policyTypes: undefined };
  const beforeFields = check.errors;
  checkFields(check, map, PATH, SPEC);
  // What an unknown field was meant to be is unknown: it may be policyTypes.
  const fieldsAreKnown = check.errors === beforeFields;
  const beforeSelector = check.errors;
  const podSelector = readPodSelector(check, map.podSelector);
  const selectorIsKnown = check.errors === beforeSelector && podSelector !== undefined;
  const beforeTypes = check.errors;
  const policyTypes = readPolicyTypes(check, map.policyTypes);
  const typesAreKnown = check.errors === beforeTypes;
  const ingress = readIngress(check, map.ingress, [...PATH, "ingress"]);
  const egress = readEgress(check, map.egress, [...PATH, "egress"]);
  const implied = fieldsAreKnown ? impliedTypes(map.egress) : undefined;
  return {
    spec: {
      podSelector: podSelector ?? {},
      ...(policyTypes === undefined ? {} : { policyTypes }),
      ...(ingress === undefined ? {} : { ingress }),
      ...(egress === undefined ? {} : { egress }),
    },
    podSelector: selectorIsKnown ? podSelector : undefined,
    policyTypes: typesAreKnown ? (policyTypes ?? implied) : undefined,
  };
}

/** The API's default: Ingress, and Egress if there are egress rules. Undefined if `egress` cannot be read. */
function impliedTypes(egress: unknown): readonly PolicyType[] | undefined {
  if (isAbsent(egress)) return ["Ingress"];
  if (!Array.isArray(egress)) return undefined;
  return egress.length > 0 ? POLICY_TYPES : ["Ingress"];
}

function readPodSelector(check: Check, value: unknown): LabelSelector | undefined {
  const path = [...PATH, "podSelector"];
  if (isAbsent(value)) {
    addError(check, path, {
      code: "missing-field",
      message:
        value === null ? "spec.podSelector is written without a value." : "spec.podSelector is missing.",
      help: "Say which pods are protected. For every pod of the namespace, write podSelector: {}.",
      part: "key",
    });
    return undefined;
  }
  return readLabelSelector(check, value, path);
}

/** The policy types as written; undefined if there are none, which `[]` means too (API defaulting). */
function readPolicyTypes(check: Check, value: unknown): readonly PolicyType[] | undefined {
  const path = [...PATH, "policyTypes"];
  const list = readList(check, value, path, (v) =>
    typeof v === "string" ? `Write a list: policyTypes: [${v}].` : undefined,
  );
  if (list === undefined || list.length === 0) return undefined;
  if (list.length > 2) {
    addError(check, path, {
      code: "too-many-policy-types",
      message: `${pathInWords(path)} has ${list.length} entries; there are only Ingress and Egress.`,
      help: "Name each at most once.",
      part: "key",
    });
  }
  return sharedTypes(list.flatMap((item, index) => readPolicyType(check, item, index)));
}

/** Nearly every policy has one of three lists. */
function sharedTypes(types: readonly PolicyType[]): readonly PolicyType[] {
  return SHARED_TYPES.find((known) => known.join() === types.join()) ?? types;
}

const SHARED_TYPES: readonly (readonly PolicyType[])[] = [
  Object.freeze<PolicyType[]>(["Ingress"]),
  Object.freeze<PolicyType[]>(["Egress"]),
  Object.freeze<PolicyType[]>(["Ingress", "Egress"]),
];

function readPolicyType(check: Check, item: unknown, index: number): PolicyType[] {
  const type = POLICY_TYPES.find((known) => known === item);
  if (type !== undefined) return [type];
  const path = [...PATH, "policyTypes", index];
  if (item === UNREADABLE) check.errors++;
  else {
    addError(check, path, {
      code: "unknown-policy-type",
      message: `${inWords(item)} is no policy type; there are Ingress and Egress.`,
      help: typeof item === "string" ? didYouMean(item, POLICY_TYPES) : undefined,
      fix: typeof item === "string" ? nearestFix(check, path, item, POLICY_TYPES) : undefined,
    });
  }
  return [];
}
