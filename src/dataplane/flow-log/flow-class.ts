import type { AddressBook } from "../../engine/end.ts";
import type { Address } from "../../net/address.ts";
import type { LoggedVerdict } from "./logged-packet.ts";
import type { IpPacket } from "./packet.ts";

/**
 * What tells a flow class from others: verdict, direction, protocol, destination port (or type and code of ICMP), and of
 * each end the workload, the node, or the block of addresses. It is asked of every packet, so it makes no names.
 */
export function flowClass(
  book: AddressBook,
  { verdict, direction }: LoggedVerdict,
  packet: IpPacket,
): string {
  const { protocol, destinationPort, icmp, source, destination } = packet;
  const what = icmp === undefined ? destinationPort : `${icmp.type}.${icmp.code}`;
  return `${verdict} ${direction} ${protocol} ${what} ${whose(book, source)} ${whose(book, destination)}`;
}

/** Addresses that are nobody's count by /24 and /64, the blocks that one site or host mostly has. */
function whose(book: AddressBook, address: Address): string {
  const known = book.podAt(address)?.workload ?? book.nodeAt(address);
  if (known !== undefined) return known;
  return address.family === 4 ? `v4 ${Number(address.value) >>> 8}` : `v6 ${address.value >> 64n}`;
}
