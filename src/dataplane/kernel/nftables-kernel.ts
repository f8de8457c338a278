import type { Namespace } from "../../linux/netns.ts";
import { openNftables } from "../../linux/nftables.ts";
import { EMPTY_PROGRAM, type ProgramSet, TABLE } from "../program/program.ts";
import { readProgram } from "../read-back/read-program.ts";
import { type Kernel, KernelError } from "./kernel.ts";

/** The kernel of a network namespace; undefined: that of this process. `node` is for messages. */
export function nftablesKernel(node: string, namespace?: Namespace): Kernel {
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
    readSets: async (sets) => {
      const found = new Map<string, ProgramSet>();
      for (const { kind, name } of sets) {
        const listed = readProgram(await nftables.listJson(`list ${kind} ${TABLE} ${name}`)).sets.get(name);
        if (listed !== undefined) found.set(name, listed);
      }
      return found;
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
