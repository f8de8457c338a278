import { networkInterfaces } from "node:os";
import { formatAddress, parseAddress } from "../net/address.ts";
import { type Namespace, within } from "./netns.ts";

/** The addresses of all interfaces of a namespace (undefined: that of this process), as canonical text. */
export function ownAddresses(namespace?: Namespace): Set<string> {
  const found = new Set<string>();
  for (const list of Object.values(within(namespace, () => networkInterfaces()))) {
    for (const { address } of list ?? []) {
      const parsed = parseAddress(address);
      if (parsed !== undefined) found.add(formatAddress(parsed));
    }
  }
  return found;
}
