import { createNetwork, type LabNetwork } from "../../../src/lab/network.ts";
import type { LabPod } from "../../../src/lab/topology.ts";
import type { TestNode } from "./nodes.ts";

/** The lab's network, changed piece by piece. */
export interface LabSite {
  readonly network: LabNetwork;
  /** Starts the namespaces of pods, or gives those that are there already other ports. */
  start(...pods: readonly LabPod[]): Promise<void>;
  /** Takes the namespaces of pods away, with all that goes on in them. */
  stop(...ids: readonly string[]): Promise<void>;
  /** Gives a node other addresses of its own; what runs there stays. */
  readdress(node: string, addresses: readonly string[]): Promise<void>;
}

/** A network of nodes without pods, and without rules. */
export async function openLabSite(
  nodes: readonly TestNode[],
  externals: readonly string[],
): Promise<LabSite> {
  const own = new Map(nodes.map(({ name, addresses }) => [name, addresses as readonly string[]]));
  const pods = new Map<string, LabPod>();
  const topology = (): Parameters<LabNetwork["update"]>[0] => ({
    nodes: [...own].map(([name, addresses]) => ({ name, addresses })),
    pods: [...pods.values()],
    externals: externals.map((address) => ({ address })),
  });
  const network = await createNetwork(topology());
  return {
    network,
    start(...started) {
      for (const pod of started) pods.set(pod.id, pod);
      return network.update(topology());
    },
    stop(...ids) {
      for (const id of ids) pods.delete(id);
      return network.update(topology());
    },
    readdress(node, addresses) {
      own.set(node, addresses);
      return network.update(topology());
    },
  };
}
