import { align, attribute } from "../netlink.ts";
import type { Namespace } from "../netns.ts";
import type { Reactor } from "../reactor.ts";
import { AF_INET6, close, EAGAIN, ENOBUFS, EPOLLIN, receive, SyscallError } from "../syscalls.ts";
import { NETFILTER_HEADER, visitAttributes, wordAttribute, zeroEndedText } from "./message.ts";
import { carryOut, openNetfilterSocket } from "./socket.ts";

/** A packet that a rule with `log group N` met. */
export interface LoggedPacket {
  /** The rule's `log prefix`, empty without one. */
  readonly prefix: string;
  readonly family: 4 | 6;
  /** From the IP header on, at most 256 bytes of it. Valid only during the call: copy what is kept. */
  readonly payload: Buffer;
  /** Number of the netfilter hook: 0 prerouting, 1 input, 2 forward, 3 output, 4 postrouting. */
  readonly hook: number;
  /** Index of the interface that it came from; undefined for packets of this namespace. */
  readonly inInterface: number | undefined;
  /** Index of the interface that it goes to; undefined where that is not known yet. */
  readonly outInterface: number | undefined;
}

/** A subscription to one NFLOG group. */
export interface Nflog {
  /**
   * How often the kernel had more than the socket had room for: each time some packets, how many is unknown, were not
   * reported. (They were not dropped: a log rule only copies.)
   */
  lost(): number;
  /** Leaves the group; `onPacket` is not called after. */
  close(): void;
}

// linux/netfilter/nfnetlink_log.h
const NFNL_SUBSYS_ULOG = 4;
const NFULNL_MSG_PACKET = NFNL_SUBSYS_ULOG << 8;
const NFULNL_MSG_CONFIG = NFULNL_MSG_PACKET | 1;
const NFULA_CFG_CMD = 1;
const NFULA_CFG_MODE = 2;
const NFULA_CFG_NLBUFSIZ = 3;
const NFULA_CFG_TIMEOUT = 4;
const NFULA_CFG_QTHRESH = 5;
const NFULNL_CFG_CMD_BIND = 1;
const NFULNL_COPY_PACKET = 2;
const NFULA_PACKET_HDR = 1;
const NFULA_IFINDEX_INDEV = 4;
const NFULA_IFINDEX_OUTDEV = 5;
const NFULA_PAYLOAD = 9;
const NFULA_PREFIX = 10;

const PAYLOAD_BYTES = 256;
/** The kernel sends a batch of packets when it has so many, ... */
const BATCH_PACKETS = 64;
/** ... or after so long, in hundredths of a second, ... */
const BATCH_TIME = 10;
/** ... or when they fill so many bytes. */
const BATCH_BYTES = 64 * 1024;
const RECEIVE_BYTES = 2 * 1024 * 1024;
/** Batches taken in one turn, so that a flood leaves time for all else. */
const BATCHES_A_TURN = 4;

/**
 * Receives the packets of an NFLOG group in a namespace (undefined: that of this process) in batches, at most a tenth
 * of a second after they were met. Throws a SyscallError: EPERM where another socket has the group, and without
 * CAP_NET_ADMIN there.
 */
export function openNflog(
  reactor: Reactor,
  group: number,
  onPacket: (packet: LoggedPacket) => void,
  namespace?: Namespace,
): Nflog {
  const fd = openNetfilterSocket(namespace, RECEIVE_BYTES);
  const batch = Buffer.alloc(2 * BATCH_BYTES);
  let sequence = 0;
  let lost = 0;
  let open = true;

  function configure(purpose: string, attributes: Buffer[]): void {
    sequence++;
    const request = { type: NFULNL_MSG_CONFIG, flags: 0, family: 0, resource: group, attributes };
    const errno = carryOut(fd, request, sequence, purpose);
    if (errno !== 0) throw new SyscallError(`${purpose} NFLOG group ${group}`, errno);
  }

  function takeBatches(): void {
    for (let taken = 0; open && taken < BATCHES_A_TURN; taken++) {
      const length = receive(fd, batch);
      if (length === -EAGAIN) return;
      if (length === -ENOBUFS) lost++;
      else if (length < 0) throw new SyscallError(`receive from NFLOG group ${group}`, -length);
      else visitPackets(length);
    }
  }

  function visitPackets(length: number): void {
    for (let at = 0; open && at + NETFILTER_HEADER <= length; ) {
      const size = batch.readUInt32LE(at);
      if (batch.readUInt16LE(at + 4) === NFULNL_MSG_PACKET) onPacket(readPacket(batch, at, size));
      at += Math.max(align(size), NETFILTER_HEADER);
    }
  }

  try {
    configure("join", [attribute(NFULA_CFG_CMD, Uint8Array.of(NFULNL_CFG_CMD_BIND))]);
    configure("configure", [
      attribute(
        NFULA_CFG_MODE,
        Uint8Array.of(0, 0, PAYLOAD_BYTES >> 8, PAYLOAD_BYTES & 255, NFULNL_COPY_PACKET, 0),
      ),
      wordAttribute(NFULA_CFG_NLBUFSIZ, BATCH_BYTES),
      wordAttribute(NFULA_CFG_TIMEOUT, BATCH_TIME),
      wordAttribute(NFULA_CFG_QTHRESH, BATCH_PACKETS),
    ]);
    reactor.add(fd, EPOLLIN, takeBatches);
  } catch (error) {
    close(fd);
    throw error;
  }
  return {
    lost: () => lost,
    close() {
      if (!open) return;
      open = false;
      reactor.remove(fd);
      // That leaves the group too. To ask for it could fail: there is no room for the answer in a full socket.
      close(fd);
    },
  };
}

function readPacket(bytes: Buffer, at: number, size: number): LoggedPacket {
  let prefix = "";
  let payload = bytes.subarray(0, 0);
  let hook = 0;
  let inInterface: number | undefined;
  let outInterface: number | undefined;
  visitAttributes(bytes, at + NETFILTER_HEADER, at + size, (type, start, end) => {
    if (type === NFULA_PACKET_HDR) hook = bytes[start + 2]!;
    else if (type === NFULA_IFINDEX_INDEV) inInterface = bytes.readUInt32BE(start);
    else if (type === NFULA_IFINDEX_OUTDEV) outInterface = bytes.readUInt32BE(start);
    else if (type === NFULA_PAYLOAD) payload = bytes.subarray(start, end);
    else if (type === NFULA_PREFIX) prefix = zeroEndedText(bytes, start, end);
  });
  const family = bytes[at + 16] === AF_INET6 ? 6 : 4;
  return { prefix, family, payload, hook, inInterface, outInterface };
}
