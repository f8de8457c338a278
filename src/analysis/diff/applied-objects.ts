import { podOwner } from "../../cluster/workloads.ts";
import type {
  ContainerPort,
  KubernetesObject,
  Labels,
  NetworkPolicy,
  Pod,
  PodTemplate,
  Workload,
} from "../../k8s/objects.ts";
import { objectKey } from "./object-sides.ts";

/** What a cluster would hold after `kubectl apply`, and what became of its policies. */
export interface AppliedObjects {
  readonly objects: readonly KubernetesObject[];
  /** Policies of the cluster that are not among the manifests, and stay; or go, if it is pruned. */
  readonly others: number;
}

/**
 * The objects of a running cluster as they would be once manifests are applied: objects replace their namesakes, labels
 * of namespaces are added to, and nothing else goes. Pods of a workload stay as long as they are what its template
 * makes; else the template's take their place. With `prune`, policies that are not among the manifests go, where the
 * manifests have policies: in their namespaces, and of the whole cluster.
 */
export function appliedObjects(
  live: readonly KubernetesObject[],
  manifests: readonly KubernetesObject[],
  prune = false,
): AppliedObjects {
  const applied = new Map(manifests.map((object) => [objectKey(object), object]));
  const workloads = manifests.filter((object): object is Workload => "template" in object);
  const templates = new Map(workloads.map((each) => [`${each.namespace}/${each.kind}/${each.name}`, each]));
  const scopes = new Set(manifests.filter(isPolicy).map(scopeOf));
  const outdated = new Set<string>();
  for (const object of live) {
    if (object.kind !== "Pod") continue;
    const workload = templates.get(ownerOf(object));
    if (workload !== undefined && !isMadeFrom(object, workload.template)) outdated.add(ownerOf(object));
  }
  let others = 0;
  const kept = live.flatMap((object): KubernetesObject[] => {
    const own = applied.get(objectKey(object));
    if (own !== undefined) {
      if (own.kind !== "Namespace" || object.kind !== "Namespace") return [];
      applied.set(objectKey(own), { ...own, labels: { ...object.labels, ...own.labels } });
      return [];
    }
    if (object.kind === "Pod" && outdated.has(ownerOf(object))) return [];
    if (isPolicy(object) && scopes.has(scopeOf(object))) {
      others++;
      if (prune) return [];
    }
    return [object];
  });
  return { objects: [...kept, ...applied.values()], others };
}

function isPolicy(object: KubernetesObject): boolean {
  return object.kind.endsWith("NetworkPolicy");
}

/** The namespace of a policy; empty for those of the whole cluster. */
function scopeOf(object: KubernetesObject): string {
  return object.kind === "NetworkPolicy" ? (object as NetworkPolicy).namespace : "";
}

function ownerOf(pod: Pod): string {
  const { kind, name } = podOwner(pod);
  return `${pod.namespace}/${kind}/${name}`;
}

/** True if a pod has all that policies see of its template. Controllers and admission add labels of their own. */
function isMadeFrom(pod: Pod, template: PodTemplate): boolean {
  return (
    pod.hostNetwork === template.hostNetwork &&
    hasLabels(pod.labels, template.labels) &&
    portsText(template.ports).every((port) => portsText(pod.ports).includes(port))
  );
}

function hasLabels(labels: Labels, wanted: Labels): boolean {
  return Object.entries(wanted).every(([key, value]) => labels[key] === value);
}

function portsText(ports: readonly ContainerPort[]): string[] {
  return ports.map(({ name, port, protocol }) => `${name}:${protocol}:${port}`);
}
