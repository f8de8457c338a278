import type { Origin } from "../k8s/location.ts";
import type { Labels, OwnerReference, Pod, PodTemplate, Workload } from "../k8s/objects.ts";
import { compareNames } from "./names.ts";

/** A pod before it has its addresses: from a Pod object, or made from a workload's template. */
export interface PlannedPod extends PodTemplate {
  readonly namespace: string;
  readonly name: string;
  readonly addresses: readonly string[];
  readonly hostAddresses: readonly string[];
  readonly phase?: string;
  readonly owner: OwnerReference;
  readonly origin: Origin;
}

/**
 * All pods of the input: its Pod objects, each with the owner at the top of its chain of controllers, and for
 * every workload that has no Pod object of its own, pods made from its template, named `name-0`, `name-1`, ...
 */
export function planPods(pods: readonly Pod[], workloads: readonly Workload[]): PlannedPod[] {
  const controllers: Controllers = new Map(
    workloads.map((workload) => [ownerKey(workload.namespace, workload), workload.controller]),
  );
  // A live cluster has no workloads to spell out, and a hundred thousand pods.
  const taken = new Set(workloads.length === 0 ? [] : pods.map((pod) => `${pod.namespace}/${pod.name}`));
  const alive = new Set<string>();
  const planned: PlannedPod[] = [];
  for (const pod of pods) {
    const owner = podOwner(pod, controllers);
    if (workloads.length > 0) alive.add(ownerKey(pod.namespace, owner));
    planned.push(plannedPod(pod, owner));
  }
  for (const workload of [...workloads].sort(compareWorkloads)) {
    // A Job that is done has no pods that take part, whether or not they are still listed.
    if (workload.finished === true) continue;
    const { namespace, controller } = workload;
    // What a controller of the input made is spelled out with that controller.
    if (controller !== undefined && controllers.has(ownerKey(namespace, controller))) continue;
    const owner = topOwner(namespace, workload, controllers, {});
    if (alive.has(ownerKey(namespace, workload)) || alive.has(ownerKey(namespace, owner))) continue;
    for (const pod of podsOfTemplate(workload, owner, taken)) planned.push(pod);
  }
  return planned.sort((a, b) => compareNames(a.namespace, b.namespace) || compareNames(a.name, b.name));
}

/** The owner at the top of a pod's chain of controllers; the pod itself, if it has none. */
export function podOwner(pod: Pod, controllers: Controllers = NO_CONTROLLERS): OwnerReference {
  const { namespace, name, controller, labels } = pod;
  return controller === undefined
    ? { kind: "Pod", name }
    : topOwner(namespace, controller, controllers, labels);
}

/** Field by field: there may be a hundred thousand of them, and a spread of objects of several forms is slow. */
function plannedPod(pod: Pod, owner: OwnerReference): PlannedPod {
  const { namespace, name, labels, ports, hostNetwork, nodeName, addresses, hostAddresses, phase, origin } =
    pod;
  return {
    namespace,
    name,
    labels,
    ports,
    hostNetwork,
    ...(nodeName === undefined ? {} : { nodeName }),
    addresses,
    hostAddresses,
    ...(phase === undefined ? {} : { phase }),
    owner,
    origin,
  };
}

/** The workloads of the input by key, each with its own controller if it has one. */
type Controllers = ReadonlyMap<string, OwnerReference | undefined>;

const NO_CONTROLLERS: Controllers = new Map();

/** StatefulSets first: the names of their pods are fixed, those of others only stand in for random ones. */
function compareWorkloads(a: Workload, b: Workload): number {
  const rank = (workload: Workload): number => (workload.kind === "StatefulSet" ? 0 : 1);
  return (
    compareNames(a.namespace, b.namespace) ||
    rank(a) - rank(b) ||
    compareNames(a.name, b.name) ||
    compareNames(a.kind, b.kind)
  );
}

function podsOfTemplate(workload: Workload, owner: OwnerReference, taken: Set<string>): PlannedPod[] {
  const pods: PlannedPod[] = [];
  for (let index = 0; pods.length < workload.replicas; index++) {
    const name = `${workload.name}-${index}`;
    const id = `${workload.namespace}/${name}`;
    if (taken.has(id)) continue;
    taken.add(id);
    pods.push({
      ...workload.template,
      labels: { ...workload.template.labels, ...controllerLabels(workload, name, index) },
      namespace: workload.namespace,
      name,
      addresses: [],
      hostAddresses: [],
      owner,
      origin: workload.origin,
    });
  }
  return pods;
}

/** The labels that a controller adds to its pods and whose values are known before it runs. */
function controllerLabels(workload: Workload, podName: string, index: number): Labels {
  switch (workload.kind) {
    case "StatefulSet":
      return {
        "statefulset.kubernetes.io/pod-name": podName,
        "apps.kubernetes.io/pod-index": String(index),
      };
    case "Job":
      return { "batch.kubernetes.io/job-name": workload.name, "job-name": workload.name };
    default:
      return {};
  }
}

/** The end of a chain of controllers, as far as the input and names tell it. */
function topOwner(
  namespace: string,
  first: OwnerReference,
  controllers: Controllers,
  labels: Labels,
): OwnerReference {
  let owner: OwnerReference = { kind: first.kind, name: first.name };
  // Bounded, as two objects could name each other.
  for (let depth = 0; depth < 8; depth++) {
    const key = ownerKey(namespace, owner);
    // Of what is in the input the object itself tells; only of what is not, the name has to.
    const next = controllers.has(key) ? controllers.get(key) : impliedOwner(owner, labels);
    if (next === undefined) break;
    owner = next;
  }
  return owner;
}

/**
 * The owner of a ReplicaSet or Job that is not in the input itself, told by its name: a Deployment names its
 * ReplicaSets after the pods' `pod-template-hash`, a CronJob its Jobs after the minute they were due.
 */
function impliedOwner(owner: OwnerReference, labels: Labels): OwnerReference | undefined {
  const hash = labels["pod-template-hash"];
  if (owner.kind === "ReplicaSet" && hash !== undefined && owner.name.endsWith(`-${hash}`)) {
    return { kind: "Deployment", name: owner.name.slice(0, -hash.length - 1) };
  }
  const due = owner.kind === "Job" ? /^(.+)-\d{8,}$/.exec(owner.name) : null;
  return due === null ? undefined : { kind: "CronJob", name: due[1]! };
}

function ownerKey(namespace: string, owner: OwnerReference): string {
  return `${namespace}/${owner.kind}/${owner.name}`;
}
