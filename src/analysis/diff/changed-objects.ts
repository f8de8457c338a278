import { type ClusterChange, type ClusterPolicyObject, policyId } from "../../cluster/change.ts";
import type { Cluster, ClusterPod, ClusterWorkload } from "../../cluster/cluster.ts";
import { sameContent } from "../../cluster/same-content.ts";
import type { Labels } from "../../k8s/objects.ts";
import { policyOf } from "../../policy/policies.ts";
import type { Policy } from "../../policy/policy.ts";

/**
 * A policy that is not the same. `rewritten` says the same in other words: a default that is written out, an order of
 * peers, a description.
 */
export interface PolicyChange {
  readonly change: "added" | "removed" | "changed" | "rewritten";
  readonly before?: Policy;
  readonly after?: Policy;
}

/** A workload whose pods are not the same. */
export interface WorkloadChange {
  readonly change: "added" | "removed" | "changed";
  /** `shop/db[StatefulSet]`. */
  readonly id: string;
  /** How many pods it has. */
  readonly before: number;
  readonly after: number;
  /** What is not the same of its pods, where it is there before and after. */
  readonly differs: readonly ("number" | "labels" | "ports" | "addresses" | "nodes" | "network")[];
  /** The labels that are not the same, where `differs` names them. */
  readonly labels?: readonly LabelChange[];
}

/** A label that has other values than before. */
export interface LabelChange {
  readonly key: string;
  /** The values that pods, or the namespace, had and have; none where nobody has the label. */
  readonly before: readonly string[];
  readonly after: readonly string[];
}

export interface NamespaceChange {
  readonly change: "added" | "removed" | "relabelled";
  readonly name: string;
  readonly labels?: readonly LabelChange[];
}

export interface ChangedObjects {
  readonly policies: readonly PolicyChange[];
  readonly workloads: readonly WorkloadChange[];
  readonly namespaces: readonly NamespaceChange[];
  /** How many nodes came, went or are not the same. */
  readonly nodes: number;
}

/** What is not the same in two clusters, by object. */
export function changedObjects(
  before: Cluster,
  after: Cluster,
  changes: readonly ClusterChange[],
): ChangedObjects {
  const policiesBefore = policiesById(before);
  const policies: PolicyChange[] = [];
  const namespaces: NamespaceChange[] = [];
  let nodes = 0;
  for (const change of changes) {
    switch (change.kind) {
      case "policy-set":
        policies.push(policyChange(policiesBefore.get(policyId(change.policy)), change.policy));
        break;
      case "policy-removed":
        policies.push({ change: "removed", before: policyOf(policiesBefore.get(change.id)!) });
        break;
      case "namespace-set": {
        const { name, labels } = change.namespace;
        const old = before.namespaces.get(name);
        if (old === undefined) namespaces.push({ change: "added", name });
        else namespaces.push({ change: "relabelled", name, labels: labelChanges([old.labels], [labels]) });
        break;
      }
      case "namespace-removed":
        namespaces.push({ change: "removed", name: change.name });
        break;
      case "node-set":
      case "node-removed":
        nodes++;
        break;
    }
  }
  const hasOtherPods = changes.some(({ kind }) => kind === "pod-set" || kind === "pod-removed");
  return {
    policies: policies.sort((a, b) => compareNames(idOf(a), idOf(b))),
    workloads: hasOtherPods ? workloadChanges(before, after) : [],
    namespaces: namespaces.sort((a, b) => compareNames(a.name, b.name)),
    nodes,
  };
}

function policiesById({ networkPolicies, clusterPolicies }: Cluster): Map<string, ClusterPolicyObject> {
  return new Map([...networkPolicies, ...clusterPolicies].map((policy) => [policyId(policy), policy]));
}

function policyChange(before: ClusterPolicyObject | undefined, object: ClusterPolicyObject): PolicyChange {
  const after = policyOf(object);
  if (before === undefined) return { change: "added", after };
  const old = policyOf(before);
  return { change: sameMeaning(old, after) ? "rewritten" : "changed", before: old, after };
}

function idOf({ before, after }: PolicyChange): string {
  const { kind, id } = (after ?? before)!;
  return `${id} ${kind}`;
}

/** Deep equality of policies, wherever their parts are written. */
function sameMeaning(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  const keysOf = (value: object): string[] =>
    Object.keys(value).filter((key) => key !== "origin" && key !== "path" && key !== "index");
  const keys = keysOf(a);
  return (
    Array.isArray(a) === Array.isArray(b) &&
    keys.length === keysOf(b).length &&
    keys.every(
      (key) =>
        Object.hasOwn(b, key) &&
        sameMeaning((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]),
    )
  );
}

function workloadChanges(before: Cluster, after: Cluster): WorkloadChange[] {
  const old = new Map(before.workloads.map((workload) => [workload.id, workload]));
  const now = new Map(after.workloads.map((workload) => [workload.id, workload]));
  const changes: WorkloadChange[] = [];
  for (const id of [...new Set([...old.keys(), ...now.keys()])].sort(compareNames)) {
    const [was, is] = [old.get(id), now.get(id)];
    const counts = { id, before: was?.pods.length ?? 0, after: is?.pods.length ?? 0 };
    if (was === undefined) changes.push({ change: "added", ...counts, differs: [] });
    else if (is === undefined) changes.push({ change: "removed", ...counts, differs: [] });
    else {
      const differs = differencesOf(was, is);
      if (differs.length === 0) continue;
      const labelsOf = ({ pods }: ClusterWorkload): Labels[] => pods.map(({ labels }) => labels);
      const labels = differs.includes("labels") ? { labels: labelChanges(labelsOf(was), labelsOf(is)) } : {};
      changes.push({ change: "changed", ...counts, differs, ...labels });
    }
  }
  return changes;
}

/** As sets: pods of a rollout have other names, and that alone is no difference. */
function differencesOf(was: ClusterWorkload, is: ClusterWorkload): WorkloadChange["differs"] {
  const differs = (look: (pod: ClusterPod) => string): boolean => {
    const of = ({ pods }: ClusterWorkload): string[] => [...new Set(pods.map(look))].sort(compareNames);
    return !sameContent(of(was), of(is));
  };
  const all: [WorkloadChange["differs"][number], boolean][] = [
    ["number", was.pods.length !== is.pods.length],
    ["labels", differs(({ labels }) => labelsText(labels))],
    [
      "ports",
      differs(({ ports }) => ports.map((port) => `${port.name}:${port.protocol}:${port.port}`).join()),
    ],
    ["addresses", differs(({ addresses }) => `${addresses[4]?.value} ${addresses[6]?.value}`)],
    ["nodes", differs(({ node }) => node ?? "")],
    ["network", differs(({ hostNetwork }) => String(hostNetwork))],
  ];
  const found = all.filter(([, isSo]) => isSo).map(([what]) => what);
  // More pods have more addresses, on more nodes.
  return found.includes("number") ? found.filter((what) => what !== "addresses" && what !== "nodes") : found;
}

/** By key, those last that controllers give to tell revisions and pods apart. */
function labelChanges(was: readonly Labels[], is: readonly Labels[]): LabelChange[] {
  const valuesOf = (all: readonly Labels[], key: string): string[] => [
    ...new Set(all.flatMap((labels) => (Object.hasOwn(labels, key) ? [labels[key]!] : []))),
  ];
  const keys = [...new Set([...was, ...is].flatMap((labels) => Object.keys(labels)))];
  const place = (key: string): number => Number(LABELS_OF_CONTROLLERS.has(key));
  return keys
    .sort((a, b) => place(a) - place(b) || compareNames(a, b))
    .map((key) => ({
      key,
      before: valuesOf(was, key).sort(compareNames),
      after: valuesOf(is, key).sort(compareNames),
    }))
    .filter(({ before, after }) => !sameContent(before, after));
}

const LABELS_OF_CONTROLLERS: ReadonlySet<string> = new Set([
  "pod-template-hash",
  "controller-revision-hash",
  "pod-template-generation",
  "statefulset.kubernetes.io/pod-name",
  "apps.kubernetes.io/pod-index",
]);

function labelsText(labels: Labels): string {
  return Object.keys(labels)
    .sort(compareNames)
    .map((key) => `${key}=${labels[key]}`)
    .join(",");
}

function compareNames(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
