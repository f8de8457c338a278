import type { Engine } from "../../../../src/engine/engine.ts";
import type { Lab } from "../../../../src/lab/lab.ts";
import { alignedLength, attributesOf } from "../../../../src/linux/attributes.ts";
import { runInNamespace } from "../../../../src/linux/command.ts";
import { inNamespace } from "../../../../src/linux/netns.ts";
import * as sys from "../../../../src/linux/syscalls.ts";

// netlink(7), linux/netfilter/nfnetlink.h, linux/netfilter/nf_tables.h
const NETLINK_NETFILTER = 12;
const NFNLGRP_NFTABLES = 7;
const NFNL_SUBSYS_NFTABLES = 10;
const NFT_MSG_NEWGEN = 15;
const HEADER = 16;
const NFGENMSG = 4;
/** The name of the table, in messages about tables, chains, rules, sets, elements and objects alike. */
const NFTA_TABLE = 1;
const FAMILIES: Readonly<Record<number, string>> = {
  1: "inet",
  2: "ip",
  3: "arp",
  5: "netdev",
  7: "bridge",
  10: "ip6",
};
/** A table of the watcher's own: if its coming and going is heard, so is everything between. */
const OWN = "ip watcher";

/**
 * Which tables of an endpoint's namespace the kernel says were changed while the lab went from state to state.
 * `nft monitor` would say the same, but that of nftables 1.0.6 breaks down at elements of concatenated interval sets.
 */
export async function watched(
  lab: Lab,
  at: string,
  states: readonly Engine[],
): Promise<Record<string, string>> {
  const namespace = lab.network.namespaceOf(at);
  const fd = inNamespace(namespace, () => sys.socket(sys.AF_NETLINK, sys.SOCK_RAW, NETLINK_NETFILTER));
  const changes = new Map<string, number>();
  try {
    sys.setOption(fd, sys.SOL_SOCKET, sys.SO_RCVBUF, 1 << 22);
    const groups = Buffer.alloc(12); // struct sockaddr_nl
    groups.writeUInt16LE(sys.AF_NETLINK);
    groups.writeUInt32LE(1 << (NFNLGRP_NFTABLES - 1), 8);
    const failed = sys.bind(fd, groups);
    if (failed !== 0) throw new sys.SyscallError("watch nftables", failed);
    await runInNamespace(namespace, ["nft", "add", "table", ...OWN.split(" ")], undefined);
    for (const state of states) {
      await lab.update(state);
      hear(fd, changes);
    }
    await runInNamespace(namespace, ["nft", "delete", "table", ...OWN.split(" ")], undefined);
    hear(fd, changes);
  } finally {
    sys.close(fd);
  }
  if (changes.get(OWN) !== 2) throw new Error(`heard ${changes.get(OWN) ?? 0} changes of ${OWN}, not 2`);
  changes.delete(OWN);
  return Object.fromEntries([...changes].map(([table, count]) => [table, String(count)]));
}

/** Counts the changes that the kernel has told of. It does so before the call that made them returns. */
function hear(fd: number, changes: Map<string, number>): void {
  const part = Buffer.alloc(1 << 16);
  for (;;) {
    const length = sys.receive(fd, part);
    if (length === -sys.EAGAIN) return;
    if (length < 0) throw new sys.SyscallError("watch nftables", -length);
    for (let at = 0; at + HEADER <= length; at += alignedLength(part.readUInt32LE(at))) {
      const type = part.readUInt16LE(at + 4);
      if (type >> 8 !== NFNL_SUBSYS_NFTABLES || (type & 255) === NFT_MSG_NEWGEN) continue;
      const message = part.subarray(at + HEADER, at + part.readUInt32LE(at));
      const name = attributesOf(message.subarray(NFGENMSG))
        .get(NFTA_TABLE)!
        .toString("latin1")
        .replace("\0", "");
      const table = `${FAMILIES[message[0]!]} ${name}`;
      changes.set(table, (changes.get(table) ?? 0) + 1);
    }
  }
}
