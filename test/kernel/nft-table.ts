import { spawnSync } from "node:child_process";
import { formatDelta, programDelta } from "../../src/dataplane/delta.ts";
import { applyFirstLoad, KernelError } from "../../src/dataplane/kernel.ts";
import { EMPTY_PROGRAM, type Program, TABLE } from "../../src/dataplane/program.ts";
import { systemPath } from "../../src/linux/programs.ts";

/** Runs nft in the network namespace of this process; only to be called inside of a sandbox. */
export function nft(args: readonly string[], input = ""): string {
  const { status, stdout, stderr } = spawnSync("nft", args, {
    input,
    encoding: "utf8",
    maxBuffer: 1 << 30,
    env: { ...process.env, PATH: systemPath() },
  });
  if (status !== 0)
    throw new KernelError(`nft ${args.join(" ")}: ${stderr}\n${input.slice(0, 2000)}`, stderr);
  return stdout;
}

/** What nft lists as JSON; a list of nothing where there is no table. */
export function listTable(): string {
  try {
    return nft(["-j", "list", "table", ...TABLE.split(" ")]);
  } catch (error) {
    if (error instanceof KernelError && error.output.includes("No such file or directory")) {
      return '{"nftables": []}';
    }
    throw error;
  }
}

/** Loads a program in place of whatever is there. */
export async function loadProgram(program: Program): Promise<void> {
  nft(["-f", "-"], `add table ${TABLE}\ndelete table ${TABLE}\n`);
  const apply = async (script: string): Promise<void> => void nft(["-f", "-"], script);
  await applyFirstLoad({ apply }, programDelta(EMPTY_PROGRAM, program));
}

/** Turns what was read from the table into a program: by the smallest transaction or, where that cannot do, anew. */
export async function repair(read: Program, program: Program): Promise<void> {
  if (read.foreign !== undefined || read.chains.size === 0) return loadProgram(program);
  try {
    nft(["-f", "-"], formatDelta(programDelta(read, program)));
  } catch (error) {
    // A hook cannot change while rules of others lead to the chain, nor the type of a set that they ask.
    if (!(error instanceof KernelError)) throw error;
    await loadProgram(program);
  }
}
