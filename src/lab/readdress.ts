import { type Address, formatAddress } from "../net/address.ts";
import { addAddress, deleteAddress, deleteRoute, replaceRoute } from "./links.ts";
import { GUEST_INDEX, guestAddressRequests, type Host, type Wire } from "./wire.ts";

/** A node as it is now, with what hangs on it. */
interface ReaddressedNode extends Host {
  /** To the fabric. */
  readonly wire: Wire;
  readonly guests: readonly { readonly wire: Wire; readonly addresses: readonly Address[] }[];
}

/**
 * Gives a running node other addresses of its own. Its rules, its pods and their connections stay; connections of the
 * addresses that it loses do not.
 */
export function readdressNode(fabric: Host, node: ReaddressedNode, addresses: readonly Address[]): void {
  const come = missingFrom(node.addresses, addresses);
  const gone = missingFrom(addresses, node.addresses);
  node.netlink.send(come.map((address) => addAddress(GUEST_INDEX, address, lengthOf(address))));
  fabric.netlink.send(come.flatMap((address) => guestAddressRequests(fabric, node.wire, address)));
  // What the node sends to its pods comes from its own address. With that, the kernel would take the routes away too.
  node.netlink.send(
    node.guests.flatMap(({ wire, addresses: own }) =>
      own.map((destination) => {
        const { family } = destination;
        const source = addresses.find((address) => address.family === family);
        return replaceRoute({ family, destination, device: wire.index, source });
      }),
    ),
  );
  fabric.netlink.send(
    gone.map((destination) =>
      deleteRoute({ family: destination.family, destination, device: node.wire.index }),
    ),
  );
  node.netlink.send(gone.map((address) => deleteAddress(GUEST_INDEX, address, lengthOf(address))));
}

function missingFrom(known: readonly Address[], addresses: readonly Address[]): Address[] {
  const texts = new Set(known.map(formatAddress));
  return addresses.filter((address) => !texts.has(formatAddress(address)));
}

function lengthOf({ family }: Address): number {
  return family === 4 ? 32 : 128;
}
