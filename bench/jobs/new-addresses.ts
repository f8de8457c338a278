import type { Pod } from "../../src/k8s/objects.ts";

/**
 * Addresses for pods that come to run beside others: free ones of the node's own block, from its top down. The same
 * one may be given twice, as pods come and go one at a time.
 */
export function newAddresses(pods: readonly Pod[]): (beside: Pod) => string {
  const taken = new Set(pods.flatMap(({ addresses }) => addresses));
  return ({ addresses }) => {
    const block = addresses[0]!.slice(0, addresses[0]!.lastIndexOf("."));
    for (let host = 254; host > 0; host--) {
      const address = `${block}.${host}`;
      if (!taken.has(address)) return address;
    }
    throw new Error(`no address is free in ${block}.0/24`);
  };
}
