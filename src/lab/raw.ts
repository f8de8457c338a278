import { inNamespace } from "../linux/netns.ts";
import { addressFamily, anyAddress } from "../linux/sockaddr.ts";
import { close, IPPROTO_RAW, SOCK_RAW, SyscallError, sendTo, socket } from "../linux/syscalls.ts";
import type { LabNetwork } from "./network.ts";

/**
 * Sends one IP packet, header included, from the namespace of an endpoint (`shop/db-0`, `node:NAME`, an external
 * address). For IPv4 the kernel fills in total length, header checksum, and id and source where they are zero.
 * Throws a SyscallError if it cannot be sent: EPERM if a rule in that very namespace stops it.
 */
export function sendRaw(network: LabNetwork, from: string, packet: Uint8Array): void {
  const family = packet[0] !== undefined && packet[0] >> 4 === 6 ? 6 : 4;
  const [start, length] = family === 4 ? [16, 4] : [24, 16];
  if (packet.length < start + length) throw new Error(`${packet.length} bytes are no IPv${family} packet`);
  const to = anyAddress(family, 0);
  to.set(packet.subarray(start, start + length), family === 4 ? 4 : 8);
  const fd = inNamespace(network.namespaceOf(from), () =>
    socket(addressFamily(family), SOCK_RAW, IPPROTO_RAW),
  );
  const failed = sendTo(fd, packet, to);
  close(fd);
  if (failed !== 0) throw new SyscallError(`send a packet from ${from}`, failed);
}
