import type { Namespace } from "../linux/netns.ts";
import { openNftables } from "../linux/nftables.ts";
import { type Kernel, KernelError } from "./kernel.ts";
import { EMPTY_PROGRAM, TABLE } from "./program.ts";
import { readProgram } from "./read-back/read-program.ts";

/** The kernel, reached through nftables. */
export interface NftablesKernel extends Kernel {
  /** How many packets our rules have denied since they were loaded. 0 while they are not there. */
  deniedPackets(): Promise<number>;
}

/** The kernel of a network namespace; undefined: that of this process. `node` is for messages. */
export function nftablesKernel(node: string, namespace?: Namespace): NftablesKernel {
  const nftables = openNftables(namespace);
  return {
    apply: async (script) => {
      const { ok, errors } = await nftables.run(script);
      if (!ok) throw new KernelError(`nft refused the rules of node ${node}: ${errors.trim()}`, errors);
    },
    read: async () => {
      // Listing a table that is not there is an error like any other; this tells whether it is.
      const tables = await nftables.listJson("list tables inet");
      if (!hasTable(tables)) return EMPTY_PROGRAM;
      return readProgram(await nftables.listJson(`list table ${TABLE}`));
    },
    deniedPackets: async () => {
      if (!hasTable(await nftables.listJson("list tables inet"))) return 0;
      let packets = 0;
      for (const chain of DENYING_CHAINS) {
        packets += firstCounter(await nftables.listJson(`list chain ${TABLE} ${chain}`));
      }
      return packets;
    },
    portId: nftables.portId,
    close: () => nftables.close(),
  };
}

function hasTable(json: string): boolean {
  const [family, name] = TABLE.split(" ");
  const { nftables } = JSON.parse(json) as {
    nftables: readonly { readonly table?: { readonly family: string; readonly name: string } }[];
  };
  return nftables.some(({ table }) => table?.family === family && table?.name === name);
}

const DENYING_CHAINS: readonly string[] = ["deny_ingress", "deny_egress"];

/** The packets of the first counter in the listing of a chain: each of these chains begins with one. */
function firstCounter(json: string): number {
  const { nftables } = JSON.parse(json) as {
    nftables: readonly { rule?: { expr: readonly { counter?: { packets: number } }[] } }[];
  };
  for (const { rule } of nftables) {
    const counter = rule?.expr.find((expression) => expression.counter !== undefined)?.counter;
    if (counter !== undefined) return counter.packets;
  }
  return 0;
}
