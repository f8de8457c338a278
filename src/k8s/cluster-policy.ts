import {
  addError,
  addWarning,
  type Check,
  inWords,
  isAbsent,
  isMapping,
  newCheck,
  readMapping,
  readText,
  wrongType,
} from "./check.ts";
import type { ClusterPolicyApi } from "./cluster-policy-api.ts";
import { type ReadRule, readClusterPolicyRules } from "./cluster-policy-rule.ts";
import { readSubject } from "./cluster-policy-subject.ts";
import { checkFields, type FieldSet } from "./fields.ts";
import type { InputFinding } from "./finding-codes.ts";
import { nearestFix, removeFieldFix, unquoteFix } from "./input-fixes.ts";
import type { Origin } from "./location.ts";
import { describeObject, readMetadata } from "./metadata.ts";
import type { HeadFault } from "./network-policy.ts";
import { OBJECT_FIELDS } from "./object-fields.ts";
import { checkObjectMeta } from "./object-meta.ts";
import type { ClusterNetworkPolicySpec, ClusterPolicy, ClusterPolicySubject, Direction } from "./objects.ts";
import { checkPolicyMetadata, readIgnore, readMode } from "./policy-metadata.ts";
import { didYouMean } from "./suggest.ts";
import { containsUnreadable } from "./text-problem.ts";

const TIERS: readonly ClusterNetworkPolicySpec["tier"][] = ["Admin", "Baseline"];
const DIRECTIONS: readonly Direction[] = ["ingress", "egress"];
const MAX_PRIORITY = 1000;

/** What is taken where a broken policy cannot be read: all pods of the cluster, judged before all others. */
const EVERY_POD: ClusterPolicySubject = { namespaces: {} };
const FIRST_TIER = "Admin";
const FIRST_PRIORITY = 0;

/** What all kinds of cluster-wide policy say, and the findings about it. */
export interface ReadClusterPolicy<Action extends string, Port> {
  readonly head: Pick<ClusterPolicy, "name" | "broken" | "closes" | "audit" | "ignore" | "origin">;
  /** `Admin` where the kind has none. */
  readonly tier: ClusterNetworkPolicySpec["tier"];
  /** 0 where the kind has none. */
  readonly priority: number;
  readonly subject: ClusterPolicySubject;
  readonly rules: {
    readonly ingress?: readonly ReadRule<Action, Port>[];
    readonly egress?: readonly ReadRule<Action, Port>[];
  };
  readonly findings: readonly InputFinding[];
}

/**
 * Reads a policy of the whole cluster as strictly as its CRD. With any error it is `broken`: it closes the pods that it
 * would have been about, as far as that can be read, for the directions for which it has or may have rules.
 */
export function readClusterPolicy<Action extends string, Port>(
  value: Readonly<Record<string, unknown>>,
  origin: Origin,
  api: ClusterPolicyApi<Action, Port>,
  moreChecks?: HeadFault,
): ReadClusterPolicy<Action, Port> {
  const check = newCheck(origin, describeObject(api.kind, value, false));
  moreChecks?.(check);
  const specFields = [...api.order, "subject", ...DIRECTIONS];
  const beforeFields = check.errors;
  checkFields(check, value, [], {
    name: `A ${api.kind}`,
    fields: OBJECT_FIELDS,
    elsewhere: Object.fromEntries(specFields.map((field) => [field, `Indent ${field} under spec:.`])),
  });
  if (isMapping(value.metadata)) {
    checkPolicyMetadata(check, value.metadata, specFields);
    checkObjectMeta(check, value.metadata, "custom");
  }
  const spec = readSpecMapping(check, value.spec, api);
  if (spec !== undefined) checkFields(check, spec, ["spec"], specFieldSet(specFields, api));
  // What an unknown field was meant to be is unknown: it may be a list of rules.
  const fieldsAreKnown = check.errors === beforeFields;
  const metadata = readMetadata(check, value);
  warnOfNamespace(check, value.metadata, api.kind);
  const isPart = (field: "tier" | "priority"): boolean => spec !== undefined && api.order.includes(field);
  const tier = isPart("tier") ? readTier(check, spec?.tier) : undefined;
  const priority = isPart("priority") ? readPriority(check, spec?.priority) : undefined;
  const beforeSubject = check.errors;
  const subject =
    spec && readSubject(check, spec.subject, ["spec", "subject"], api.peers.needsNamespaceSelector);
  const subjectIsCertain = check.errors === beforeSubject;
  const ingress = readClusterPolicyRules(check, spec?.ingress, "ingress", api);
  const egress = readClusterPolicyRules(check, spec?.egress, "egress", api);
  if (check.errors === 0 && containsUnreadable(value)) check.errors++;
  const broken = check.errors > 0;
  const name = metadata.name === "" ? `policy-at-line-${origin.position([]).line}` : metadata.name;
  const closes = broken
    ? DIRECTIONS.filter((direction) => mayHaveRules(spec, direction, fieldsAreKnown))
    : [];
  return {
    head: { name, broken, closes, ...readMode(check, value.metadata), ...readIgnore(value.metadata), origin },
    tier: tier ?? FIRST_TIER,
    priority: priority ?? FIRST_PRIORITY,
    subject: subject !== undefined && subjectIsCertain ? subject : EVERY_POD,
    rules: broken ? {} : { ...(ingress && { ingress }), ...(egress && { egress }) },
    findings: check.findings,
  };
}

function mayHaveRules(
  spec: Readonly<Record<string, unknown>> | undefined,
  direction: Direction,
  fieldsAreKnown: boolean,
): boolean {
  const rules = spec?.[direction];
  if (isAbsent(rules)) return spec === undefined || !fieldsAreKnown;
  return !Array.isArray(rules) || rules.length > 0;
}

function readSpecMapping<Action extends string, Port>(
  check: Check,
  value: unknown,
  api: ClusterPolicyApi<Action, Port>,
): Readonly<Record<string, unknown>> | undefined {
  if (isAbsent(value)) {
    addError(check, ["spec"], {
      code: "missing-field",
      message: `The ${api.kind} has no spec.`,
      help: `Add spec with ${[...api.order, "subject"].join(", ")} and rules under ingress or egress.`,
    });
  }
  return readMapping(check, value, ["spec"]);
}

function specFieldSet<Action extends string, Port>(
  fields: readonly string[],
  api: ClusterPolicyApi<Action, Port>,
): FieldSet {
  const inRule = (field: string): string =>
    `${field} belongs into a rule: ingress: (or egress:) and below it - ${field}: ...`;
  return {
    name: "spec",
    fields,
    elsewhere: {
      ...Object.fromEntries(["action", "from", "to", api.portsField].map((field) => [field, inRule(field)])),
      podSelector: "Write subject: {pods: {namespaceSelector: ..., podSelector: ...}}.",
      namespaceSelector: "Write subject: {namespaces: ...}.",
      namespaces: "Put it inside subject:.",
      pods: "Put it inside subject:.",
      selector: "Did you mean subject?",
      policyTypes: `A ${api.kind} has none: it is about the directions for which it has rules.`,
      ...(api.order.includes("tier")
        ? {}
        : { tier: `A ${api.kind} has none; only ClusterNetworkPolicy does.` }),
      ...(api.order.includes("priority")
        ? {}
        : { priority: `A ${api.kind} has none: there is one in a cluster, and it is judged last.` }),
    },
  };
}

/** The API server takes the namespace away without a word; its writer may have meant it as a limit. */
function warnOfNamespace(check: Check, metadata: unknown, kind: string): void {
  if (!isMapping(metadata) || isAbsent(metadata.namespace) || metadata.namespace === "") return;
  addWarning(check, ["metadata", "namespace"], {
    code: "cluster-scoped",
    message: `A ${kind} belongs to no namespace: this one is about all pods of its subject, whatever their namespace.`,
    help: "Remove metadata.namespace. To limit it to namespaces, select them in spec.subject.",
    part: "key",
    fix: removeFieldFix(check, ["metadata", "namespace"]),
  });
}

function readTier(check: Check, value: unknown): ClusterNetworkPolicySpec["tier"] | undefined {
  const path = ["spec", "tier"];
  if (isAbsent(value)) {
    addError(check, path, {
      code: "missing-field",
      message: "spec.tier is missing.",
      help: "Write tier: Admin (judged before all NetworkPolicies) or tier: Baseline (after them).",
      part: "key",
    });
    return undefined;
  }
  const text = readText(check, value, path);
  const tier = TIERS.find((known) => known === text);
  if (text !== undefined && tier === undefined) {
    addError(check, path, {
      code: "unknown-value",
      message: `${inWords(text)} is no tier; there are Admin and Baseline.`,
      help: text === "NetworkPolicy" ? "That tier is for NetworkPolicies." : didYouMean(text, TIERS),
      fix: nearestFix(check, path, text, TIERS),
    });
  }
  return tier;
}

function readPriority(check: Check, value: unknown): number | undefined {
  const path = ["spec", "priority"];
  if (isAbsent(value)) {
    addError(check, path, {
      code: "missing-field",
      message: "spec.priority is missing.",
      help: `Write priority: and a number from 0 to ${MAX_PRIORITY}; the lowest is judged first.`,
      part: "key",
    });
    return undefined;
  }
  if (typeof value !== "number") {
    const isQuoted = typeof value === "string" && /^[0-9]+$/.test(value);
    const help = isQuoted ? `Remove the quotes: priority: ${value}` : undefined;
    wrongType(check, value, path, "a number", help, unquoteFix(check, path, value));
    return undefined;
  }
  if (Number.isInteger(value) && value >= 0 && value <= MAX_PRIORITY) return value;
  addError(check, path, {
    code: "bad-priority",
    message: `Priority ${value} does not exist; priorities are whole numbers from 0 to ${MAX_PRIORITY}.`,
    help: "The lowest is judged first.",
  });
  return undefined;
}
