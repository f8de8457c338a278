import { inNamespace, type Namespace } from "./netns.ts";
import {
  AF_NETLINK,
  close,
  EAGAIN,
  errnoName,
  linkHasCarrier,
  receive,
  SOCK_RAW,
  SyscallError,
  sendTo,
  setOption,
  socket,
} from "./syscalls.ts";

/** One rtnetlink request: its type, flags beside REQUEST and ACK, and what follows the header. */
export interface NetlinkRequest {
  readonly type: number;
  readonly flags: number;
  readonly body: Buffer;
  /** What it is for, in words; part of the error message. */
  readonly purpose: string;
}

/** An rtnetlink socket inside one network namespace. */
export interface Netlink {
  /** Carries out the requests in order. Throws {@link SyscallError} for the first that the kernel refused. */
  send(requests: readonly NetlinkRequest[]): void;
  /** Throws unless the interface has its carrier, and makes the kernel act on that now instead of soon. */
  settleLink(interfaceName: string): void;
  close(): void;
}

const HEADER = 16;
const NLM_F_REQUEST = 1;
const NLM_F_ACK = 4;
const NLMSG_ERROR = 2;
const SOL_NETLINK = 270;
const NETLINK_CAP_ACK = 10;
// Answers pile up in the socket until the whole batch was taken: some 270 fit into the default buffer.
const BATCH = 100;

/** Opens an rtnetlink socket in a namespace. */
export function openNetlink(namespace: Namespace): Netlink {
  const fd = inNamespace(namespace, () => socket(AF_NETLINK, SOCK_RAW, 0));
  setOption(fd, SOL_NETLINK, NETLINK_CAP_ACK, 1);
  const kernel = Buffer.alloc(12);
  kernel.writeUInt16LE(AF_NETLINK);
  const answer = Buffer.alloc(8192);

  function sendBatch(requests: readonly NetlinkRequest[]): void {
    const failed = sendTo(fd, Buffer.concat(requests.map(encode)), kernel);
    if (failed !== 0) throw new SyscallError("netlink send", failed);
    // rtnetlink works inside sendto: all answers are there when it returns.
    for (let answered = 0; answered < requests.length; ) {
      const length = receive(fd, answer);
      if (length === -EAGAIN) throw new Error("netlink: the kernel left a request without an answer");
      if (length < 0) throw new SyscallError("netlink receive", -length);
      for (let at = 0; at + HEADER <= length; at += align(answer.readUInt32LE(at))) {
        if (answer.readUInt16LE(at + 4) !== NLMSG_ERROR) continue;
        answered++;
        const errno = -answer.readInt32LE(at + HEADER);
        if (errno === 0) continue;
        const request = requests[answer.readUInt32LE(at + 8)];
        drain();
        throw new SyscallError(`${namespace.name}: ${request?.purpose ?? errnoName(errno)}`, errno);
      }
    }
  }

  function drain(): void {
    while (receive(fd, answer) > 0);
  }

  return {
    send(requests) {
      for (let at = 0; at < requests.length; at += BATCH) sendBatch(requests.slice(at, at + BATCH));
    },
    settleLink(interfaceName) {
      if (!linkHasCarrier(fd, interfaceName)) {
        throw new Error(`${namespace.name}: interface ${interfaceName} has no carrier`);
      }
    },
    close() {
      close(fd);
    },
  };
}

function encode(request: NetlinkRequest, sequence: number): Buffer {
  const length = HEADER + request.body.length;
  const bytes = Buffer.alloc(align(length));
  bytes.writeUInt32LE(length, 0);
  bytes.writeUInt16LE(request.type, 4);
  bytes.writeUInt16LE(request.flags | NLM_F_REQUEST | NLM_F_ACK, 6);
  bytes.writeUInt32LE(sequence, 8);
  request.body.copy(bytes, HEADER);
  return bytes;
}

/** A length rounded up to the four bytes on which netlink messages and attributes begin. */
export function align(length: number): number {
  return (length + 3) & ~3;
}

/** A netlink attribute: length, type, value, padding. */
export function attribute(type: number, value: Uint8Array | string | number): Buffer {
  let bytes: Uint8Array;
  if (typeof value === "number") {
    const word = Buffer.alloc(4);
    word.writeUInt32LE(value);
    bytes = word;
  } else {
    bytes = typeof value === "string" ? Buffer.from(`${value}\0`) : value;
  }
  const out = Buffer.alloc(align(4 + bytes.length));
  out.writeUInt16LE(4 + bytes.length, 0);
  out.writeUInt16LE(type, 2);
  out.set(bytes, 4);
  return out;
}
