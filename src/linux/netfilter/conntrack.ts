import { closeSync, openSync, readSync } from "node:fs";
import type { Address } from "../../net/address.ts";
import { align, attribute } from "../netlink.ts";
import { type Namespace, within } from "../netns.ts";
import { addressFamily } from "../sockaddr.ts";
import { close, EAGAIN, ENOENT, receive, SyscallError } from "../syscalls.ts";
import {
  type ConntrackEntry,
  CTA_ID,
  CTA_TUPLE_IP,
  CTA_TUPLE_ORIG,
  CTA_TUPLE_REPLY,
  readEntry,
} from "./conntrack-entry.ts";
import { destinationAttribute, originalTuple, sourceAttribute } from "./conntrack-tuple.ts";
import {
  type NetfilterRequest,
  NLM_F_DUMP,
  NLM_F_DUMP_INTR,
  NLMSG_DONE,
  NLMSG_ERROR,
  nested,
  wordAttribute,
} from "./message.ts";
import { carryOut, openNetfilterSocket, sendRequest } from "./socket.ts";

export type { ConntrackEntry, Tuple } from "./conntrack-entry.ts";

/**
 * Which connections: those with this address at this end of this direction. The kernel filters IPv4, which saves most
 * of the time of a dump; IPv6 is filtered here.
 */
export interface ConntrackFilter {
  readonly direction: "original" | "reply";
  readonly end: "source" | "destination";
  readonly address: Address;
}

/** The connection tracking of one network namespace. */
export interface Conntrack {
  /**
   * All connections, or those of a filter, IPv4 and IPv6. The table goes on changing while it is read: what begins or
   * ends meanwhile may be there or not. It works on the calling thread until it is done: some microseconds an entry.
   */
  dump(filter?: ConntrackFilter): ConntrackEntry[];
  /** Ends the tracking of this very connection; "gone" if it had ended, also where another with the same ends is there. */
  delete(entry: ConntrackEntry): "deleted" | "gone";
  /** How many connections there are: one cheap read. */
  count(): number;
  close(): void;
}

// linux/netfilter/nfnetlink_conntrack.h
const NFNL_SUBSYS_CTNETLINK = 1;
const IPCTNL_MSG_CT_NEW = NFNL_SUBSYS_CTNETLINK << 8;
const IPCTNL_MSG_CT_GET = IPCTNL_MSG_CT_NEW | 1;
const IPCTNL_MSG_CT_DELETE = IPCTNL_MSG_CT_NEW | 2;
const CTA_FILTER = 25;
const CTA_FILTER_ORIG_FLAGS = 1;
const CTA_FILTER_REPLY_FLAGS = 2;
const CTA_FILTER_F_IP_SRC = 1;
const CTA_FILTER_F_IP_DST = 2;
/** The kernel hands a dump out in pieces as large as the last buffer it was given, up to 32 KiB. */
const PIECE = 64 * 1024;
const RECEIVE_BYTES = 4 * 1024 * 1024;
const COUNT_FILE = "/proc/sys/net/netfilter/nf_conntrack_count";

/**
 * Opens the connection tracking of a namespace (undefined: that of this process). Throws a SyscallError where the
 * kernel has none.
 */
export function openConntrack(namespace?: Namespace): Conntrack {
  const fd = openNetfilterSocket(namespace, RECEIVE_BYTES);
  const piece = Buffer.alloc(PIECE);
  const view = new DataView(piece.buffer, piece.byteOffset, piece.length);
  const countText = Buffer.alloc(32);
  let countFile: number | undefined;
  let sequence = 0;

  /** One dump; undefined if the kernel says that it missed something. */
  function dumpOnce(request: NetfilterRequest, wanted: (entry: ConntrackEntry) => boolean) {
    const entries: ConntrackEntry[] = [];
    let interrupted = false;
    sequence++;
    sendRequest(fd, request, sequence, "dump conntrack");
    for (;;) {
      const length = receive(fd, piece);
      if (length === -EAGAIN) throw new Error("dump conntrack: the kernel stopped in the middle");
      if (length < 0) throw new SyscallError("dump conntrack", -length);
      for (let at = 0; at + 16 <= length; ) {
        const size = piece.readUInt32LE(at);
        const type = piece.readUInt16LE(at + 4);
        if (piece.readUInt32LE(at + 8) === sequence) {
          if (piece.readUInt16LE(at + 6) & NLM_F_DUMP_INTR) interrupted = true;
          if (type === IPCTNL_MSG_CT_NEW) {
            const entry = readEntry(view, at, size);
            if (entry !== undefined && wanted(entry)) entries.push(entry);
          } else if (type === NLMSG_DONE || type === NLMSG_ERROR) {
            const errno = -piece.readInt32LE(at + 16);
            if (errno !== 0) throw new SyscallError("dump conntrack", errno);
            return interrupted ? undefined : entries;
          }
        }
        at += Math.max(align(size), 16);
      }
    }
  }

  return {
    dump(filter) {
      for (;;) {
        const entries = dumpOnce(dumpRequest(filter), filter === undefined ? always : matches(filter));
        if (entries !== undefined) return entries;
      }
    },
    delete(entry) {
      const attributes = [...originalTuple(entry), wordAttribute(CTA_ID, entry.id)];
      const family = addressFamily(entry.family);
      sequence++;
      const errno = carryOut(
        fd,
        { type: IPCTNL_MSG_CT_DELETE, flags: 0, family, attributes },
        sequence,
        "delete a conntrack entry",
      );
      if (errno === ENOENT) return "gone";
      if (errno !== 0) throw new SyscallError("delete a conntrack entry", errno);
      return "deleted";
    },
    count() {
      countFile ??= within(namespace, () => openSync(COUNT_FILE, "r"));
      return Number(countText.toString("latin1", 0, readSync(countFile, countText, 0, countText.length, 0)));
    },
    close() {
      close(fd);
      if (countFile !== undefined) closeSync(countFile);
    },
  };
}

function dumpRequest(filter: ConntrackFilter | undefined): NetfilterRequest {
  const request = { type: IPCTNL_MSG_CT_GET, flags: NLM_F_DUMP, family: 0, attributes: [] };
  if (filter === undefined) return request;
  // Kernels up to 6.18 at least compare IPv6 addresses the wrong way round: they give all connections but these.
  if (filter.address.family === 6) return { ...request, family: addressFamily(6) };
  const original = filter.direction === "original";
  const source = filter.end === "source";
  const tuple = [source ? sourceAttribute(filter.address) : destinationAttribute(filter.address)];
  const flags = source ? CTA_FILTER_F_IP_SRC : CTA_FILTER_F_IP_DST;
  return {
    ...request,
    family: addressFamily(filter.address.family),
    attributes: [
      nested(original ? CTA_TUPLE_ORIG : CTA_TUPLE_REPLY, [nested(CTA_TUPLE_IP, tuple)]),
      nested(CTA_FILTER, [
        // Both must be there. They are in the byte order of the machine, unlike all else.
        attribute(CTA_FILTER_ORIG_FLAGS, original ? flags : 0),
        attribute(CTA_FILTER_REPLY_FLAGS, original ? 0 : flags),
      ]),
    ],
  };
}

const always = (): boolean => true;

/** For IPv6, and for kernels before 5.8, which do not know the filter and give all connections. */
function matches({ direction, end, address }: ConntrackFilter): (entry: ConntrackEntry) => boolean {
  return (entry) => entry[direction][end].value === address.value && entry.family === address.family;
}
