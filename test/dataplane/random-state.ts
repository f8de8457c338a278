import type { Cluster } from "../../src/cluster/cluster.ts";
import { formatAddress } from "../../src/net/address.ts";
import { parseCidr } from "../../src/net/cidr.ts";
import { engineOf } from "../agreement/from-raw.ts";
import { randomCluster } from "../generators/cluster.ts";
import { createRandom } from "../generators/random.ts";

/** A random cluster in which some policies are in audit mode, and nodes have pod ranges. */
export function randomState(seed: number): Cluster {
  const { cluster } = engineOf(randomCluster(seed));
  const random = createRandom(seed);
  const audited = <T>(policies: readonly T[]): T[] =>
    policies.map((policy) => (random.int(0, 3) === 0 ? { ...policy, audit: true } : policy));
  const ranges = ["10.0.0.0/8", "fd00::/8"].map((text) => parseCidr(text)!.cidr);
  return {
    ...cluster,
    nodes: new Map([...cluster.nodes].map(([name, node]) => [name, { ...node, podRanges: ranges }])),
    networkPolicies: audited(cluster.networkPolicies),
    clusterPolicies: audited(cluster.clusterPolicies),
  };
}

/** Between two states a pod may still have the address that another has been given: the later one then counts. */
export function hasSharedAddress({ pods }: Cluster): boolean {
  const addresses = pods
    .filter(({ hostNetwork }) => !hostNetwork)
    .flatMap((pod) => Object.values(pod.addresses).map(formatAddress));
  return new Set(addresses).size < addresses.length;
}
