import { applyInPieces, KernelError, PIECE_BYTES } from "../../src/dataplane/kernel/kernel.ts";
import { formatDelta, programDelta, replacementDelta } from "../../src/dataplane/program/delta.ts";
import { EMPTY_PROGRAM, type Program, TABLE } from "../../src/dataplane/program/program.ts";
import { openNftables } from "../../src/linux/nftables.ts";

/** The table of the network namespace of this process, to be handled freely; only inside of a sandbox. */
export interface NftTable {
  /** Rejects with a {@link KernelError}. */
  run(script: string): Promise<void>;
  /** What nft lists as JSON; a list of nothing where there is no table. */
  list(): Promise<string>;
  /** Loads a program in place of whatever is there. */
  load(program: Program): Promise<void>;
  /** Turns what was read into a program: by the smallest transaction or, where that cannot do, anew. */
  repair(read: Program, program: Program): Promise<void>;
}

export function nftTable(): NftTable {
  const nftables = openNftables();
  const table: NftTable = {
    run: async (script) => {
      const { ok, errors } = await nftables.run(script);
      if (!ok) throw new KernelError(`${errors}\n${script.slice(0, 2000)}`, errors);
    },
    list: async () => {
      const tables = await nftables.listJson("list tables inet");
      return tables.includes('"podwall"') ? nftables.listJson(`list table ${TABLE}`) : '{"nftables": []}';
    },
    load: async (program) => {
      await table.run(formatDelta(replacementDelta(EMPTY_PROGRAM)));
      const notNeeded = async (): Promise<never> =>
        Promise.reject(new Error("nothing is read while loading"));
      const kernel = { apply: table.run, read: notNeeded, close: () => undefined };
      await applyInPieces(kernel, programDelta(EMPTY_PROGRAM, program), PIECE_BYTES);
    },
    repair: async (read, program) => {
      if (read.foreign !== undefined || read.chains.size === 0) return table.load(program);
      try {
        await table.run(formatDelta(programDelta(read, program)));
      } catch (error) {
        // A hook cannot change in place, nor the type of a set that rules ask.
        if (!(error instanceof KernelError)) throw error;
        await table.load(program);
      }
    },
  };
  return table;
}
