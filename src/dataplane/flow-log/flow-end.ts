import type { ClusterPod } from "../../cluster/cluster.ts";
import type { AddressBook, End } from "../../engine/end.ts";
import type { Address } from "../../net/address.ts";
import type { Transport } from "../../net/port-set.ts";
import type { FlowEnd } from "./event.ts";

/** An end as it is told, and as the engine is asked about it. */
export interface NamedEnd {
  readonly told: FlowEnd;
  readonly asked: End;
}

/** Who is at an address, as far as the cluster knows. */
export function nameEnd(
  book: AddressBook,
  address: Address,
  port: number | undefined,
  transport: Transport | undefined,
): NamedEnd {
  const place = { address, ...(port === undefined ? {} : { port }) };
  const pod = book.podAt(address);
  if (pod !== undefined)
    return { told: { ...place, kind: "pod", ...names(pod) }, asked: { kind: "pod", pod } };
  const node = book.nodeAt(address);
  const hostNetworkPod = hostNetworkPodOf([...book.hostNetworkPodsAt(address)], node, port, transport);
  if (hostNetworkPod !== undefined) {
    return {
      told: { ...place, kind: "host-network-pod", ...names(hostNetworkPod) },
      asked: { kind: "pod", pod: hostNetworkPod },
    };
  }
  const asked: End = { kind: "address", address };
  if (node !== undefined) return { told: { ...place, kind: "node", node }, asked };
  return { told: { ...place, kind: "address" }, asked };
}

/** The host-network pod that it must be; undefined if it may as well be another one or the node itself. */
function hostNetworkPodOf(
  pods: readonly ClusterPod[],
  node: string | undefined,
  port: number | undefined,
  transport: Transport | undefined,
): ClusterPod | undefined {
  const declaring = pods.filter(({ ports }) =>
    ports.some((each) => each.port === port && each.protocol === transport),
  );
  const candidates = declaring.length > 0 || node !== undefined ? declaring : pods;
  return candidates.length === 1 ? candidates[0] : undefined;
}

function names({ id, workload, node }: ClusterPod): Pick<FlowEnd, "pod" | "workload" | "node"> {
  return { pod: id, workload, ...(node === undefined ? {} : { node }) };
}
