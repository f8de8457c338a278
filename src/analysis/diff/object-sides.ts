import { type BuildOptions, buildCluster } from "../../cluster/build.ts";
import type { AddressByFamily, Cluster } from "../../cluster/cluster.ts";
import type { Finding } from "../../k8s/finding.ts";
import type { KubernetesObject } from "../../k8s/objects.ts";

/** The objects of the old and the new state. */
export interface ObjectSides {
  readonly before: readonly KubernetesObject[];
  readonly after: readonly KubernetesObject[];
  /** Which side has no pods of its own and borrowed pods, namespaces and nodes of the other. */
  readonly borrowed?: "before" | "after";
}

/**
 * Makes sides that can be compared. `shared` objects count on both, unless a side has a namesake. Where one side has
 * policies alone, its policies are meant for the pods of the other: it gets these, and their namespaces and nodes.
 */
export function comparableSides(
  before: readonly KubernetesObject[],
  after: readonly KubernetesObject[],
  shared: readonly KubernetesObject[] = [],
): ObjectSides {
  const old = withMissing(before, shared);
  const now = withMissing(after, shared);
  if (hasPods(old) === hasPods(now)) return { before: old, after: now };
  return hasPods(old)
    ? { before: old, after: withMissing(now, old.filter(isNoPolicy)), borrowed: "after" }
    : { before: withMissing(old, now.filter(isNoPolicy)), after: now, borrowed: "before" };
}

/** True if there is an object that is or makes pods. */
export function hasPods(objects: readonly KubernetesObject[]): boolean {
  return objects.some((object) => object.kind === "Pod" || "template" in object);
}

function withMissing(
  objects: readonly KubernetesObject[],
  others: readonly KubernetesObject[],
): readonly KubernetesObject[] {
  if (others.length === 0) return objects;
  const own = new Set(objects.map(objectKey));
  const missing = others.filter((object) => !own.has(objectKey(object)));
  return [...objects, ...missing];
}

export function objectKey(object: KubernetesObject): string {
  return `${object.kind} ${"namespace" in object ? object.namespace : ""}/${object.name}`;
}

function isNoPolicy(object: KubernetesObject): boolean {
  return !object.kind.endsWith("NetworkPolicy");
}

export interface BuiltSides {
  readonly before: Cluster;
  readonly after: Cluster;
  readonly findings: Readonly<Record<"before" | "after", readonly Finding[]>>;
}

/**
 * Both clusters. Pods without an address are given one from a pool, in order: those of the new side keep what their
 * namesakes, or else pods of the same workload, had on the old side. So no address differs only because other pods came
 * or went, and no block of a policy sees a change that nobody made.
 */
export function buildSides(sides: ObjectSides, options: BuildOptions = {}): BuiltSides {
  const before = buildCluster(sides.before, options);
  const afresh = buildCluster(sides.after, options);
  const previousAddresses = keptAddresses(before.cluster, afresh.cluster);
  const after =
    previousAddresses.size === 0 ? afresh : buildCluster(sides.after, { ...options, previousAddresses });
  return {
    before: before.cluster,
    after: after.cluster,
    findings: { before: before.findings, after: after.findings },
  };
}

/** For the pods of `after` the addresses that they, or others of their workloads, have in `before`. */
function keptAddresses(before: Cluster, after: Cluster): Map<string, AddressByFamily> {
  const kept = new Map<string, AddressByFamily>();
  const old = new Map(before.pods.map((pod) => [pod.id, pod]));
  const now = new Set(after.pods.map(({ id }) => id));
  const left = new Map<string, AddressByFamily[]>();
  for (const pod of before.pods) {
    if (now.has(pod.id) || pod.hostNetwork) continue;
    const ofWorkload = left.get(pod.workload);
    if (ofWorkload === undefined) left.set(pod.workload, [pod.addresses]);
    else ofWorkload.push(pod.addresses);
  }
  for (const pod of after.pods) {
    if (pod.hostNetwork) continue;
    const namesake = old.get(pod.id);
    const addresses =
      namesake === undefined
        ? left.get(pod.workload)?.shift()
        : namesake.hostNetwork
          ? undefined
          : namesake.addresses;
    if (addresses !== undefined) kept.set(pod.id, addresses);
  }
  return kept;
}
