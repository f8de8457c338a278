import { type Netlink, openNetlink } from "../linux/netlink.ts";
import type { Namespace } from "../linux/netns.ts";
import { type Address, parseAddress } from "../net/address.ts";
import { addAddress, addNeighbour, addRoute, createVeth, linkUp } from "./links.ts";
import { kernelHasIpv6 } from "./sysctl.ts";
import { GATEWAY_IPV4, GATEWAY_IPV6, GUEST_IPV4, GUEST_IPV6 } from "./topology.ts";

const GATEWAYS: readonly Address[] = [parseAddress(GATEWAY_IPV4)!, parseAddress(GATEWAY_IPV6)!];
const GUESTS: readonly Address[] = [parseAddress(GUEST_IPV4)!, parseAddress(GUEST_IPV6)!];

/** The gateway behind which a guest finds everything, and the guest as next hop for what lies behind it. */
export function gatewayOf(family: 4 | 6): Address {
  return GATEWAYS[family === 4 ? 0 : 1]!;
}
export function guestOf(family: 4 | 6): Address {
  return GUESTS[family === 4 ? 0 : 1]!;
}

/** A namespace that others hang on: the fabric, or a node. */
export interface Host {
  readonly namespace: Namespace;
  readonly netlink: Netlink;
  /** Own addresses: the source of what the host itself sends to its guests. */
  readonly addresses: readonly Address[];
}

/** A veth pair between a host and a guest; the guest's end is called `eth0`. */
export interface Wire {
  /** Interface name and index on the host's side. */
  readonly name: string;
  readonly index: number;
  readonly guestMac: Buffer;
}

/** Index of `eth0` in each guest; far above what the kernel gives to tunnels of its own. */
export const GUEST_INDEX = 1000;

function mac(side: number, number: number): Buffer {
  const bytes = Buffer.alloc(6);
  bytes[0] = 0x02; // locally administered
  bytes[1] = side;
  bytes.writeUInt32BE(number, 2);
  return bytes;
}

/** Families that this kernel has. */
export function kernelFamilies(): readonly (4 | 6)[] {
  return kernelHasIpv6() ? [4, 6] : [4];
}

/**
 * Joins a fresh guest namespace to a host: veth pair, the guest's addresses as /32 and /128, default routes to
 * the gateway, and on the host a route to each address with the host's own address as source.
 * `number` names the wire on the host and must be unique in the lab.
 */
export function joinGuest(host: Host, guest: Namespace, number: number, addresses: readonly Address[]): Wire {
  const wire: Wire = { name: `lab${number}`, index: GUEST_INDEX + number, guestMac: mac(2, number) };
  const hostMac = mac(1, number);
  host.netlink.send([
    createVeth(
      { namespace: host.namespace, name: wire.name, index: wire.index, mac: hostMac },
      { namespace: guest, name: "eth0", index: GUEST_INDEX, mac: wire.guestMac },
    ),
  ]);
  const families = kernelFamilies();
  const guestNetlink = openNetlink(guest);
  try {
    guestNetlink.send([linkUp(1), linkUp(GUEST_INDEX)]);
    // Both ends are up now, but an end without an active queue loses packets: for up to a second on a busy machine.
    guestNetlink.settleLink("eth0");
    host.netlink.settleLink(wire.name);
    guestNetlink.send([
      ...addresses.map((address) => addAddress(GUEST_INDEX, address, address.family === 4 ? 32 : 128)),
      ...(families.includes(6) ? [addAddress(GUEST_INDEX, guestOf(6), 64)] : []),
      ...families.flatMap((family) => [
        addNeighbour(GUEST_INDEX, gatewayOf(family), hostMac),
        addRoute({ family, device: GUEST_INDEX, gateway: gatewayOf(family) }),
      ]),
    ]);
  } finally {
    guestNetlink.close();
  }
  host.netlink.send([
    ...(families.includes(6) ? [addAddress(wire.index, gatewayOf(6), 64)] : []),
    ...families.map((family) => addNeighbour(wire.index, guestOf(family), wire.guestMac)),
    ...addresses.flatMap((address) => guestAddressRequests(host, wire, address)),
  ]);
  return wire;
}

/** What the host needs to reach one address of a guest directly. */
export function guestAddressRequests(
  host: Host,
  wire: Wire,
  address: Address,
): ReturnType<typeof addRoute>[] {
  const source = host.addresses.find((own) => own.family === address.family);
  return [
    addNeighbour(wire.index, address, wire.guestMac),
    addRoute({ family: address.family, destination: address, device: wire.index, source }),
  ];
}
