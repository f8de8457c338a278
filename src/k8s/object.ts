import { readAdminNetworkPolicy, readBaselineAdminNetworkPolicy } from "./admin-network-policy.ts";
import {
  addError,
  addWarning,
  type Check,
  inWords,
  isAbsent,
  isMapping,
  newCheck,
  wrongType,
} from "./check.ts";
import { readClusterNetworkPolicy } from "./cluster-network-policy.ts";
import { readNamespaceObject, readNode } from "./cluster-objects.ts";
import { clusterPolicyHead } from "./cluster-policy-head.ts";
import type { InputFinding } from "./finding-codes.ts";
import { groupOf, isOtherPolicyKind, KNOWN_KINDS, type KnownKind, WORKLOAD_KINDS } from "./kinds.ts";
import { expandList, innerOrigin } from "./list.ts";
import type { Origin } from "./location.ts";
import { describeObject } from "./metadata.ts";
import { type HeadFault, readNetworkPolicy } from "./network-policy.ts";
import { checkMetadataFields, checkObjectFields } from "./object-fields.ts";
import type { ClusterPolicy, KubernetesObject, WorkloadKind } from "./objects.ts";
import { readPod } from "./pod.ts";
import { policyHead } from "./policy-head.ts";
import { readPublishing } from "./publishing.ts";
import { UNREADABLE } from "./text-problem.ts";
import { readWorkload } from "./workload.ts";

/** What a value holds. Several objects only if it is a list. */
export interface ParsedObject {
  readonly objects: readonly KubernetesObject[];
  readonly findings: readonly InputFinding[];
  /** The kinds of the objects that were skipped, one entry for each: those that policies do not depend on. */
  readonly skippedKinds: readonly string[];
}

const NOTHING: ParsedObject = { objects: [], findings: [], skippedKinds: [] };

const CLUSTER_POLICY_READERS: Readonly<
  Record<
    ClusterPolicy["kind"],
    (
      value: Readonly<Record<string, unknown>>,
      origin: Origin,
      headFault?: HeadFault,
    ) => { readonly policy: ClusterPolicy; readonly findings: readonly InputFinding[] }
  >
> = {
  ClusterNetworkPolicy: readClusterNetworkPolicy,
  AdminNetworkPolicy: readAdminNetworkPolicy,
  BaselineAdminNetworkPolicy: readBaselineAdminNetworkPolicy,
};

/**
 * Reads one value, from a manifest or from an API server, as the Kubernetes object or list of objects that it is.
 * A policy with an error comes back as `broken`; any other object with an error is left out, as nothing can
 * be said of it.
 */
export function parseObject(value: unknown, origin: Origin): ParsedObject {
  if (value === UNREADABLE) return NOTHING;
  if (!isMapping(value))
    return Array.isArray(value) ? parseBareList(value, origin) : notAnObject(value, origin);
  const items = expandList(value, origin);
  if (items !== undefined) {
    return joinParsed([
      { ...NOTHING, findings: items.findings },
      ...items.items.map((item) => parseObject(item.value, item.origin)),
    ]);
  }
  const clusterHead = clusterPolicyHead(value);
  if (clusterHead !== undefined) {
    const { policy, findings } = CLUSTER_POLICY_READERS[clusterHead.kind](value, origin, clusterHead.fault);
    return { objects: [policy], findings, skippedKinds: [] };
  }
  const head = policyHead(value);
  if (head.isPolicy) {
    const { policy, findings } = readNetworkPolicy(value, origin, head.fault);
    return { objects: [policy], findings, skippedKinds: [] };
  }
  const { apiVersion, kind } = value;
  if (typeof kind !== "string" || kind === "")
    return typeof kind === "symbol" ? NOTHING : notAnObject(value, origin);
  if (isOtherPolicyKind(kind)) return unevaluatedPolicy(value, kind, origin);
  const publishing = readPublishing(value, origin);
  if (publishing !== undefined) return { ...publishing, skippedKinds: [] };
  const known = KNOWN_KINDS.get(kind);
  if (known === undefined) {
    return isAbsent(apiVersion) ? notAnObject(value, origin) : { ...NOTHING, skippedKinds: [kind] };
  }
  if (typeof apiVersion === "string" && !known.groups.includes(groupOf(apiVersion))) {
    return { ...NOTHING, skippedKinds: [foreignKind(kind, apiVersion)] };
  }
  return parseKnown(value, kind, known, origin);
}

function joinParsed(parts: readonly ParsedObject[]): ParsedObject {
  return {
    objects: parts.flatMap(({ objects }) => objects),
    findings: parts.flatMap(({ findings }) => findings),
    skippedKinds: parts.flatMap(({ skippedKinds }) => skippedKinds),
  };
}

/** `NetworkPolicy.crd.projectcalico.org`, the way kubectl names a kind of a group. */
function foreignKind(kind: string, apiVersion: string): string {
  const group = groupOf(apiVersion);
  return group === "" ? kind : `${kind}.${group}`;
}

function parseKnown(
  value: Readonly<Record<string, unknown>>,
  kind: string,
  known: KnownKind,
  origin: Origin,
): ParsedObject {
  const check = newCheck(origin, describeObject(kind, value, known.namespaced));
  if (isAbsent(value.apiVersion) || value.apiVersion === "") {
    const group = known.groups[0];
    addError(check, ["apiVersion"], {
      code: "missing-field",
      message: `The ${kind} has no apiVersion.`,
      help: `Add apiVersion: ${group === "" ? "v1" : `${group}/v1`}.`,
    });
  } else if (typeof value.apiVersion !== "string") {
    wrongType(check, value.apiVersion, ["apiVersion"], "text");
  }
  checkObjectFields(check, value, kind);
  if (isMapping(value.metadata)) checkMetadataFields(check, value.metadata, ["metadata"]);
  const object = readKnown(check, value, kind);
  return { objects: check.errors === 0 ? [object] : [], findings: check.findings, skippedKinds: [] };
}

function readKnown(check: Check, value: Readonly<Record<string, unknown>>, kind: string): KubernetesObject {
  if (kind === "Pod") return readPod(check, value);
  if (kind === "Namespace") return readNamespaceObject(check, value);
  if (kind === "Node") return readNode(check, value);
  if (WORKLOAD_KINDS.has(kind)) return readWorkload(check, value, kind as WorkloadKind);
  throw new Error(`no reader for kind ${kind}`);
}

/** A policy of another group or kind. It is not merely skipped: what it says is missing from every answer. */
function unevaluatedPolicy(
  value: Readonly<Record<string, unknown>>,
  kind: string,
  origin: Origin,
): ParsedObject {
  const { apiVersion, metadata } = value;
  const fullKind = typeof apiVersion === "string" ? foreignKind(kind, apiVersion) : kind;
  const namespaced = isMapping(metadata) && typeof metadata.namespace === "string";
  const check = newCheck(origin, describeObject(kind, value, namespaced));
  addWarning(check, ["kind"], {
    code: "unsupported-kind",
    message: `${fullKind} is not evaluated: what it allows or denies is missing from the answers.`,
    help: "Only NetworkPolicy of networking.k8s.io and the policies of policy.networking.k8s.io are evaluated. Look at this one by yourself.",
  });
  return { ...NOTHING, findings: check.findings };
}

/** A list without a kind of its own, such as `jq '[.items[]]'` prints: its items are objects all the same. */
function parseBareList(value: readonly unknown[], origin: Origin): ParsedObject {
  if (!value.some((item) => isMapping(item) && typeof item.kind === "string"))
    return notAnObject(value, origin);
  const check = newCheck(origin, "");
  addError(check, [], {
    code: "not-an-object",
    message: "A list stands where an object belongs; Kubernetes takes none of the objects in it.",
    help: "Put the list into an object: {apiVersion: v1, kind: List, items: [...]}, or separate the objects by ---.",
  });
  return joinParsed([
    { ...NOTHING, findings: withoutObject(check.findings) },
    ...value.map((item, index) => parseObject(item, innerOrigin(origin, [index]))),
  ]);
}

function notAnObject(value: unknown, origin: Origin): ParsedObject {
  const check = newCheck(origin, "");
  const missing = isMapping(value)
    ? ["apiVersion", "kind"].filter((field) => isAbsent(value[field]) || value[field] === "").join(" and no ")
    : "";
  addWarning(check, [], {
    code: "not-an-object",
    message: isMapping(value)
      ? `This document is no Kubernetes object: it has no ${missing === "" ? "kind that is text" : missing}.`
      : `This document is no Kubernetes object, but ${inWords(value)}.`,
    help: "If it is a Helm chart or a Kustomization, render it first: helm template, kubectl kustomize.",
  });
  return { ...NOTHING, findings: withoutObject(check.findings) };
}

function withoutObject(findings: readonly InputFinding[]): InputFinding[] {
  return findings.map(({ object: _none, ...finding }) => finding);
}
