import { align, attribute } from "../netlink.ts";
import type { Namespace } from "../netns.ts";
import { close, EAGAIN, receive, SyscallError } from "../syscalls.ts";
import {
  NETFILTER_HEADER,
  type NetfilterRequest,
  NLM_F_DUMP,
  NLM_F_DUMP_INTR,
  NLMSG_DONE,
  NLMSG_ERROR,
  visitAttributes,
  zeroEndedText,
} from "./message.ts";
import { openNetfilterSocket, sendRequest } from "./socket.ts";

/** Reads what rules of a namespace have counted. */
export interface RuleCounters {
  /**
   * Packets that the `counter`s of a chain's rules have seen, all together; 0 if there is no such chain. The table is one
   * of the family `inet`. Takes microseconds, however large the table's sets are, all of which nft reads to list a chain.
   */
  packets(table: string, chain: string): number;
  close(): void;
}

// linux/netfilter/nfnetlink.h, linux/netfilter/nf_tables.h
const NFPROTO_INET = 1;
const NFNL_SUBSYS_NFTABLES = 10;
const NFT_MSG_NEWRULE = (NFNL_SUBSYS_NFTABLES << 8) | 6;
const NFT_MSG_GETRULE = (NFNL_SUBSYS_NFTABLES << 8) | 7;
const NFTA_RULE_TABLE = 1;
const NFTA_RULE_CHAIN = 2;
const NFTA_RULE_EXPRESSIONS = 4;
const NFTA_EXPR_NAME = 1;
const NFTA_EXPR_DATA = 2;
const NFTA_COUNTER_PACKETS = 2;

const PURPOSE = "read the counters of rules";
/** The kernel hands a dump out in pieces of at most 32 KiB. */
const PIECE_BYTES = 32 * 1024;

/** Opens a socket for it in a namespace (undefined: that of this process). Throws a SyscallError. */
export function openRuleCounters(namespace?: Namespace): RuleCounters {
  const fd = openNetfilterSocket(namespace, 8 * PIECE_BYTES);
  const piece = Buffer.alloc(PIECE_BYTES);
  let sequence = 0;

  /** The sum; undefined if the rules became different meanwhile. */
  function sumOnce(request: NetfilterRequest): number | undefined {
    sequence++;
    sendRequest(fd, request, sequence, PURPOSE);
    let interrupted = false;
    let sum = 0;
    for (;;) {
      const length = receive(fd, piece);
      if (length === -EAGAIN) throw new Error(`${PURPOSE}: the kernel stopped in the middle`);
      if (length < 0) throw new SyscallError(PURPOSE, -length);
      for (let at = 0; at + 16 <= length; ) {
        const size = piece.readUInt32LE(at);
        const type = piece.readUInt16LE(at + 4);
        if (piece.readUInt32LE(at + 8) === sequence) {
          if (piece.readUInt16LE(at + 6) & NLM_F_DUMP_INTR) interrupted = true;
          if (type === NFT_MSG_NEWRULE) {
            sum += packetsOfRule(piece, at, size);
          } else if (type === NLMSG_DONE || type === NLMSG_ERROR) {
            const errno = -piece.readInt32LE(at + 16);
            if (errno !== 0) throw new SyscallError(PURPOSE, errno);
            return interrupted ? undefined : sum;
          }
        }
        at += Math.max(align(size), 16);
      }
    }
  }

  return {
    packets(table, chain) {
      const attributes = [attribute(NFTA_RULE_TABLE, table), attribute(NFTA_RULE_CHAIN, chain)];
      for (;;) {
        const sum = sumOnce({ type: NFT_MSG_GETRULE, flags: NLM_F_DUMP, family: NFPROTO_INET, attributes });
        if (sum !== undefined) return sum;
      }
    },
    close() {
      close(fd);
    },
  };
}

/** What the counters among the expressions of a rule have seen. */
function packetsOfRule(bytes: Buffer, at: number, size: number): number {
  let sum = 0;
  visitAttributes(bytes, at + NETFILTER_HEADER, at + size, (type, start, end) => {
    if (type !== NFTA_RULE_EXPRESSIONS) return;
    visitAttributes(bytes, start, end, (_, from, to) => {
      sum += packetsOfExpression(bytes, from, to);
    });
  });
  return sum;
}

function packetsOfExpression(bytes: Buffer, from: number, to: number): number {
  let name = "";
  let packets = 0;
  visitAttributes(bytes, from, to, (type, start, end) => {
    if (type === NFTA_EXPR_NAME) name = zeroEndedText(bytes, start, end);
    if (type !== NFTA_EXPR_DATA) return;
    visitAttributes(bytes, start, end, (inner, value) => {
      if (inner === NFTA_COUNTER_PACKETS) packets = Number(bytes.readBigUInt64BE(value));
    });
  });
  return name === "counter" ? packets : 0;
}
