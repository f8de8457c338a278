import { align } from "../netlink.ts";
import type { Namespace } from "../netns.ts";
import type { Reactor } from "../reactor.ts";
import { attachFilter, close, EAGAIN, ENOBUFS, EPOLLIN, receive, SyscallError } from "../syscalls.ts";
import { NETFILTER_HEADER, visitAttributes, zeroEndedText } from "./message.ts";
import { openNetfilterSocket } from "./socket.ts";

/** What the kernel told about nftables in a namespace. */
export type NftablesChange =
  | {
      readonly overrun: false;
      /** Tables that the transaction touched, as `inet podwall`. */
      readonly tables: ReadonlySet<string>;
      /** True if it deleted one of them. */
      readonly tableDeleted: boolean;
      /** Number of the generation that began; the next transaction has the next one (32 bits, then from 1 again). */
      readonly generation: number;
      /** Netlink port id of the socket that it came from: of one socket in one network namespace. */
      readonly portId: number;
      /** Id of the thread that it came from, as the first pid namespace has it: in a container not what it knows. */
      readonly processId: number;
      /** Name of that thread, at most 15 bytes: `nft`, `node`, `iptables-restor`. */
      readonly processName: string;
    }
  /**
   * There was more than the socket had room for: anything may have changed until now. What changes from now on is told
   * again.
   */
  | { readonly overrun: true };

/** A subscription to the changes of nftables. */
export interface NftablesWatch {
  /** `onChange` is not called after. */
  close(): void;
}

// linux/netfilter/nf_tables.h, linux/netfilter.h
const NFNLGRP_NFTABLES = 7;
const NFNL_SUBSYS_NFTABLES = 10;
const NFT_MSG_DELTABLE = (NFNL_SUBSYS_NFTABLES << 8) | 2;
const NFT_MSG_NEWGEN = (NFNL_SUBSYS_NFTABLES << 8) | 15;
/** The table's name, in messages about tables and about what is in them alike; always their first attribute. */
const NFTA_TABLE_NAME = 1;
const NFTA_GEN_ID = 1;
const NFTA_GEN_PROC_PID = 2;
const NFTA_GEN_PROC_NAME = 3;
const FAMILIES: Readonly<Record<number, string>> = {
  1: "inet",
  2: "ip",
  3: "arp",
  5: "netdev",
  7: "bridge",
  10: "ip6",
};

// linux/bpf_common.h
const LOAD_WORD = 0x20;
const JUMP_IF_EQUAL = 0x15;
const RETURN = 0x06;

/** The kernel takes twice this: room for a transaction of 500,000 elements, where the process may have it. */
const RECEIVE_BYTES = 32 * 1024 * 1024;
const PIECE = 64 * 1024;
/** Pieces taken in one turn, so that a large transaction leaves time for all else. */
const PIECES_A_TURN = 64;

/**
 * Calls `onChange` after every transaction on the nftables of a namespace (undefined: that of this process).
 *
 * Transactions from the socket `ignoredPortId` (one's own: `Nftables.portId`) are left out by the kernel. Whoever makes
 * large ones should give it: what they notify would fill the socket, which has room for `receiveBytes`.
 */
export function watchNftables(
  reactor: Reactor,
  onChange: (change: NftablesChange) => void,
  namespace?: Namespace,
  ignoredPortId?: number,
  receiveBytes: number = RECEIVE_BYTES,
): NftablesWatch {
  const fd = openNetfilterSocket(namespace, receiveBytes, NFNLGRP_NFTABLES);
  const piece = Buffer.alloc(PIECE);
  let open = true;
  let overrun = false;
  let tables = new Set<string>();
  let tableDeleted = false;
  // Most messages of a large transaction are about the same table: its attribute, as bytes, is compared first.
  let lastFamily = -1;
  let lastName = Buffer.alloc(0);

  function forget(): void {
    tables = new Set();
    tableDeleted = false;
    lastFamily = -1;
  }

  function takePieces(): void {
    for (let taken = 0; open && taken < PIECES_A_TURN; taken++) {
      const length = receive(fd, piece);
      if (length > 0) visitMessages(length);
      // From then on the kernel drops all messages, and does not say so again, until the socket is empty.
      else if (length === -ENOBUFS) overrun = true;
      else if (length !== -EAGAIN) throw new SyscallError("receive nftables events", -length);
      else {
        if (overrun) reportOverrun();
        return;
      }
    }
  }

  function reportOverrun(): void {
    overrun = false;
    forget();
    onChange({ overrun: true });
  }

  function visitMessages(length: number): void {
    for (let at = 0; open && at + NETFILTER_HEADER <= length; ) {
      const size = piece.readUInt32LE(at);
      const type = piece.readUInt16LE(at + 4);
      if (type === NFT_MSG_NEWGEN) {
        const change = { overrun: false, tables, tableDeleted, ...readGeneration(piece, at, size) } as const;
        forget();
        onChange(change);
      } else if (type >> 8 === NFNL_SUBSYS_NFTABLES) {
        if (type === NFT_MSG_DELTABLE) tableDeleted = true;
        noteTable(at);
      }
      at += Math.max(align(size), NETFILTER_HEADER);
    }
  }

  function noteTable(at: number): void {
    const family = piece[at + 16]!;
    const attribute = at + NETFILTER_HEADER;
    if (piece.readUInt16LE(attribute + 2) !== NFTA_TABLE_NAME) return;
    const end = attribute + piece.readUInt16LE(attribute);
    if (family === lastFamily && piece.compare(lastName, 0, lastName.length, attribute, end) === 0) return;
    lastFamily = family;
    lastName = Buffer.from(piece.subarray(attribute, end));
    tables.add(`${FAMILIES[family] ?? `family-${family}`} ${zeroEndedText(piece, attribute + 4, end)}`);
  }

  try {
    if (ignoredPortId !== undefined) ignorePort(fd, ignoredPortId);
    reactor.add(fd, EPOLLIN, takePieces);
  } catch (error) {
    close(fd);
    throw error;
  }
  return {
    close() {
      if (!open) return;
      open = false;
      reactor.remove(fd);
      close(fd);
    },
  };
}

function readGeneration(
  bytes: Buffer,
  at: number,
  size: number,
): { generation: number; portId: number; processId: number; processName: string } {
  let generation = 0;
  let processId = 0;
  let processName = "";
  visitAttributes(bytes, at + NETFILTER_HEADER, at + size, (type, start, end) => {
    if (type === NFTA_GEN_ID) generation = bytes.readUInt32BE(start);
    else if (type === NFTA_GEN_PROC_PID) processId = bytes.readUInt32BE(start);
    else if (type === NFTA_GEN_PROC_NAME) processName = zeroEndedText(bytes, start, end);
  });
  return { generation, portId: bytes.readUInt32LE(at + 12), processId, processName };
}

/** All messages of a transaction carry the port id of its socket in their header, at byte 12. */
function ignorePort(fd: number, portId: number): void {
  // BPF reads in network byte order what netlink wrote in that of the machine.
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(portId);
  attachFilter(fd, [
    { code: LOAD_WORD, k: 12 },
    { code: JUMP_IF_EQUAL, ifFalse: 1, k: bytes.readUInt32BE() },
    { code: RETURN, k: 0 },
    { code: RETURN, k: 0xffff_ffff },
  ]);
}
