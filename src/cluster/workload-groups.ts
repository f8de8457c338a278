import type { ClusterPod, ClusterWorkload } from "./cluster.ts";

/** The workloads of pods, in the order of their first pods. */
export function groupByWorkload(pods: readonly ClusterPod[]): ClusterWorkload[] {
  const groups = new Map<string, ClusterPod[]>();
  for (const pod of pods) {
    const group = groups.get(pod.workload);
    if (group === undefined) groups.set(pod.workload, [pod]);
    else group.push(pod);
  }
  return [...groups].map(([id, ofWorkload]) => {
    const [first] = ofWorkload;
    if (first === undefined) throw new Error(`workload ${id} has no pods`);
    // `namespace/name[Kind]`; a name has neither slash nor bracket.
    const slash = id.indexOf("/");
    const bracket = id.indexOf("[", slash);
    return {
      id,
      namespace: first.namespace,
      name: id.slice(slash + 1, bracket),
      kind: id.slice(bracket + 1, -1),
      hostNetwork: first.hostNetwork,
      // Without the room for more that a list keeps which has grown.
      pods: ofWorkload.slice(),
    };
  });
}
