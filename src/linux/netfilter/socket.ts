import { align } from "../netlink.ts";
import { type Namespace, within } from "../netns.ts";
import {
  AF_NETLINK,
  bind,
  close,
  EAGAIN,
  receive,
  SOCK_RAW,
  SyscallError,
  sendTo,
  setReceiveBuffer,
  socket,
} from "../syscalls.ts";
import { type NetfilterRequest, NLM_F_ACK, NLMSG_ERROR, netfilterMessage } from "./message.ts";

const NETLINK_NETFILTER = 12;
const KERNEL = netlinkAddress(0);

/** `struct sockaddr_nl` of the kernel, or of this socket with the multicast groups 1 to 32 as bits. */
function netlinkAddress(groups: number): Buffer {
  const bytes = Buffer.alloc(12);
  bytes.writeUInt16LE(AF_NETLINK);
  bytes.writeUInt32LE(groups, 8);
  return bytes;
}

/**
 * A netfilter socket in a namespace (undefined: that of this process), in the multicast group `group` if it is not 0,
 * with room for `receiveBytes` of messages where the system allows as many.
 */
export function openNetfilterSocket(
  namespace: Namespace | undefined,
  receiveBytes: number,
  group: number = 0,
): number {
  const fd = within(namespace, () => socket(AF_NETLINK, SOCK_RAW, NETLINK_NETFILTER));
  try {
    setReceiveBuffer(fd, receiveBytes);
    const failed = bind(fd, netlinkAddress(group === 0 ? 0 : 1 << (group - 1)));
    if (failed !== 0) throw new SyscallError("bind a netfilter socket", failed);
    return fd;
  } catch (error) {
    close(fd);
    throw error;
  }
}

/** Sends a request without waiting for what comes back. */
export function sendRequest(fd: number, request: NetfilterRequest, sequence: number, purpose: string): void {
  const failed = sendTo(fd, netfilterMessage(request, sequence), KERNEL);
  if (failed !== 0) throw new SyscallError(purpose, failed);
}

const answer = Buffer.alloc(8192);

/**
 * Carries out a request; returns 0 or the errno with which the kernel refused it. Messages that the socket receives
 * before the acknowledgement are dropped.
 */
export function carryOut(fd: number, request: NetfilterRequest, sequence: number, purpose: string): number {
  sendRequest(fd, { ...request, flags: request.flags | NLM_F_ACK }, sequence, purpose);
  for (;;) {
    // The kernel works inside sendto: its acknowledgement is there when that returns.
    const length = receive(fd, answer);
    if (length === -EAGAIN) throw new Error(`${purpose}: the kernel left a request without an answer`);
    if (length < 0) throw new SyscallError(purpose, -length);
    for (let at = 0; at + 20 <= length; at += Math.max(align(answer.readUInt32LE(at)), 16)) {
      const ours = answer.readUInt32LE(at + 8) === sequence;
      if (ours && answer.readUInt16LE(at + 4) === NLMSG_ERROR) return -answer.readInt32LE(at + 16);
    }
  }
}
