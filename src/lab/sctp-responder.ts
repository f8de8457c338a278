import { readFileSync } from "node:fs";
import { inNamespace, type Namespace } from "../linux/netns.ts";
import type { Reactor } from "../linux/reactor.ts";
import { addressFamily, SOCKET_ADDRESS_LENGTH, socketAddress } from "../linux/sockaddr.ts";
import * as sys from "../linux/syscalls.ts";
import { type Address, formatAddress } from "../net/address.ts";
import { rawPayload } from "./icmp.ts";
import { parseSctp, SCTP_INIT, sctpAbort, sctpInitAck } from "./sctp-packet.ts";

/** The SCTP end of one address, on a kernel that has none. */
export interface SctpResponder {
  close(): void;
}

/** True if this kernel has SCTP sockets now. Asking for one would load the module into the machine's kernel. */
export function kernelHasSctp(): boolean {
  return /^SCTP(v6)?\s/m.test(readFileSync("/proc/net/protocols", "utf8"));
}

/**
 * Answers SCTP at one address through a raw socket: INIT ACK where `listens(port)`, ABORT elsewhere. There is no
 * association behind it: a cookie that comes back is ignored.
 */
export function openSctpResponder(
  reactor: Reactor,
  namespace: Namespace,
  address: Address,
  listens: (port: number) => boolean,
): SctpResponder {
  const { family } = address;
  const fd = inNamespace(namespace, () => sys.socket(addressFamily(family), sys.SOCK_RAW, sys.IPPROTO_SCTP));
  const failed = sys.bind(fd, socketAddress(address, 0));
  if (failed !== 0) {
    sys.close(fd);
    throw new sys.SyscallError(`SCTP at ${formatAddress(address)} in ${namespace.name}`, failed);
  }
  const buffer = Buffer.alloc(2048);
  const sender = Buffer.alloc(family === 4 ? 16 : SOCKET_ADDRESS_LENGTH);
  let nextTag = 1;
  reactor.add(fd, sys.EPOLLIN, () => {
    for (;;) {
      const length = sys.receiveFrom(fd, buffer, sender);
      if (length < 0) return;
      const packet = parseSctp(rawPayload(family, buffer.subarray(0, length)));
      if (packet?.chunk !== SCTP_INIT || packet.initiateTag === 0) continue;
      const answer = listens(packet.destinationPort) ? sctpInitAck(packet, nextTag++) : sctpAbort(packet);
      // Raw sockets want no port in the address: IPv6 refuses one that is not the protocol's number.
      sender.writeUInt16BE(0, 2);
      sys.sendTo(fd, answer, sender);
    }
  });
  return {
    close() {
      reactor.remove(fd);
      sys.close(fd);
    },
  };
}
