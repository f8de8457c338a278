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
  const controllers = new Map<string, OwnerReference>();
  for (const workload of workloads) {
    if (workload.controller !== undefined) {
      controllers.set(ownerKey(workload.namespace, workload), workload.controller);
    }
  }
  const taken = new Set(pods.map((pod) => `${pod.namespace}/${pod.name}`));
  const alive = new Set<string>();
  const planned: PlannedPod[] = [];
  for (const pod of pods) {
    const owner = topOwner(pod, controllers);
    alive.add(ownerKey(pod.namespace, owner));
    planned.push({ ...pod, owner });
  }
  // Workloads of one name and several kinds want the same pod names: the order of the input must not decide.
  const ordered = [...workloads].sort(
    (a, b) =>
      compareNames(a.namespace, b.namespace) || compareNames(a.name, b.name) || compareNames(a.kind, b.kind),
  );
  for (const workload of ordered) {
    if (workload.controller !== undefined || alive.has(ownerKey(workload.namespace, workload))) continue;
    planned.push(...podsOfTemplate(workload, taken));
  }
  return planned.sort((a, b) => compareNames(a.namespace, b.namespace) || compareNames(a.name, b.name));
}

function podsOfTemplate(workload: Workload, taken: Set<string>): PlannedPod[] {
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
      owner: { kind: workload.kind, name: workload.name },
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

function topOwner(pod: Pod, controllers: ReadonlyMap<string, OwnerReference>): OwnerReference {
  if (pod.controller === undefined) return { kind: "Pod", name: pod.name };
  let owner = pod.controller;
  // Bounded, as two objects could name each other.
  for (let depth = 0; depth < 8; depth++) {
    const next = controllers.get(ownerKey(pod.namespace, owner)) ?? impliedOwner(owner, pod.labels);
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
