import type { RawCluster } from "../reference/raw.ts";
import { missingFields } from "./required-fields.ts";
import { clusterProblems } from "./validity.ts";

/** Where something is in a JSON value: property names and array indices from the top. */
type Path = readonly (string | number)[];

/**
 * The smallest cluster that greedy removal finds for which `stillFails` holds, as it must for `cluster` itself. What
 * is tried: whole namespaces and nodes with all that is in them, moving pods to one node, and then every property and
 * list item, outermost first. A step that would make the cluster (more) invalid is not taken, so what is left can
 * be applied. `cluster` is not changed.
 *
 * `stillFails` must tell `false`, not throw, for a cluster without the pods that a probe names.
 */
export function shrinkCluster(
  cluster: RawCluster,
  stillFails: (candidate: RawCluster) => boolean,
): RawCluster {
  let smallest = structuredClone(cluster);
  let problems = clusterProblems(smallest).length;
  const accepts = (candidate: RawCluster): boolean => {
    // Objects that are not whole cannot be judged, so they have no number of problems to compare.
    if (missingFields(candidate).length > 0) {
      return false;
    }
    const count = clusterProblems(candidate).length;
    if (count > problems || !stillFails(structuredClone(candidate))) {
      return false;
    }
    smallest = candidate;
    problems = count;
    return true;
  };
  for (let before = ""; before !== JSON.stringify(smallest); ) {
    before = JSON.stringify(smallest);
    while (compoundSteps(smallest).some(accepts)) {
      // Each accepted step changes what the next ones are.
    }
    // From the end, so that an accepted removal does not move the paths still to be tried within a list; a path that
    // went away with something around it is skipped.
    for (const depth of depths(smallest)) {
      const paths = pathsOf(smallest, []).filter((path) => path.length === depth);
      for (const path of paths.reverse()) {
        const candidate = without(smallest, path);
        if (candidate !== undefined) {
          accepts(candidate);
        }
      }
    }
  }
  return smallest;
}

/** Removals that are only valid together. */
function compoundSteps(cluster: RawCluster): RawCluster[] {
  const { namespaces, nodes, pods, networkPolicies } = cluster;
  const withoutNamespaces = namespaces.map(({ metadata: { name } }) => ({
    ...cluster,
    namespaces: namespaces.filter((namespace) => namespace.metadata.name !== name),
    pods: pods.filter((pod) => pod.metadata.namespace !== name),
    networkPolicies: networkPolicies.filter((policy) => policy.metadata.namespace !== name),
  }));
  const withoutNodes = nodes.flatMap(({ metadata: { name } }) => {
    const others = nodes.filter((node) => node.metadata.name !== name);
    const rehomed = others.slice(0, 1).map((other) => ({
      ...cluster,
      nodes: others,
      pods: pods.map((pod) =>
        pod.spec.nodeName === name ? { ...pod, spec: { ...pod.spec, nodeName: other.metadata.name } } : pod,
      ),
    }));
    const emptied = { ...cluster, nodes: others, pods: pods.filter((pod) => pod.spec.nodeName !== name) };
    return [emptied, ...rehomed];
  });
  const withOneAddress = pods.flatMap((pod, index) =>
    (pod.status?.podIPs ?? []).length < 2
      ? []
      : pod.status!.podIPs!.map((entry) => ({
          ...cluster,
          pods: pods.with(index, { ...pod, status: { ...pod.status, podIP: entry.ip, podIPs: [entry] } }),
        })),
  );
  return [...withoutNamespaces, ...withoutNodes, ...withOneAddress];
}

function depths(cluster: RawCluster): number[] {
  return [...new Set(pathsOf(cluster, []).map((path) => path.length))].sort((a, b) => a - b);
}

/** Every property and item below the four lists themselves. */
function pathsOf(value: unknown, path: Path): Path[] {
  if (typeof value !== "object" || value === null) {
    return [];
  }
  const keys = Array.isArray(value) ? [...value.keys()] : Object.keys(value);
  return keys.flatMap((key) => {
    const here = [...path, key];
    const below = pathsOf((value as Record<string | number, unknown>)[key], here);
    return here.length === 1 ? below : [here, ...below];
  });
}

/** A copy without what is at the path, or undefined when nothing is there. */
function without(cluster: RawCluster, path: Path): RawCluster | undefined {
  const copy = structuredClone(cluster);
  let parent: unknown = copy;
  for (const key of path.slice(0, -1)) {
    parent = (parent as Record<string | number, unknown> | undefined)?.[key];
  }
  const last = path.at(-1)!;
  if (Array.isArray(parent)) {
    return parent.splice(Number(last), 1).length === 1 ? copy : undefined;
  }
  if (typeof parent !== "object" || parent === null || !Object.hasOwn(parent, last)) {
    return undefined;
  }
  delete (parent as Record<string | number, unknown>)[last];
  return copy;
}
