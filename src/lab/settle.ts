import { readFileSync } from "node:fs";
import { inNamespace, type Namespace } from "../linux/netns.ts";
import { addressBytes } from "../linux/sockaddr.ts";
import type { Address } from "../net/address.ts";

const DEADLINE_MILLIS = 10_000;

/**
 * Waits until the namespaces take packets for these addresses. The kernel enters an IPv6 address into its local
 * routes from a work queue, some time after it has said yes; until then it discards packets to it.
 */
export async function settleAddresses(
  sites: readonly { readonly namespace: Namespace; readonly addresses: readonly Address[] }[],
): Promise<void> {
  const deadline = performance.now() + DEADLINE_MILLIS;
  let waiting = sites;
  for (;;) {
    waiting = waiting.filter(({ namespace, addresses }) => !areLocal(namespace, addresses));
    if (waiting[0] === undefined) return;
    if (performance.now() > deadline) {
      throw new Error(`${waiting[0].namespace.name}: its IPv6 address did not become usable in time`);
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

function areLocal(namespace: Namespace, addresses: readonly Address[]): boolean {
  const ipv6 = addresses.filter((address) => address.family === 6);
  if (ipv6.length === 0) return true;
  const local = new Set<string>();
  for (const line of inNamespace(namespace, () => readFileSync("/proc/net/ipv6_route", "latin1")).split(
    "\n",
  )) {
    // Destination, prefix length, source, its length, next hop, metric, references, use, flags, device.
    const fields = line.split(/\s+/);
    const isLocal = fields[1] === "80" && Number.parseInt(fields[8] ?? "0", 16) >= 0x80000000; // RTF_LOCAL
    if (isLocal) local.add(fields[0]!);
  }
  return ipv6.every((address) => local.has(addressBytes(address).toString("hex")));
}
