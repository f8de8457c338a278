import { spawnSync } from "node:child_process";
import { formatDelta, programDelta } from "../../src/dataplane/delta.ts";
import { applyFirstLoad, KernelError } from "../../src/dataplane/kernel.ts";
import { EMPTY_PROGRAM, type Program, TABLE } from "../../src/dataplane/program.ts";
import { readProgram } from "../../src/dataplane/read-back/read-program.ts";
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

/** What nft lists as JSON. */
export function listTable(): string {
  return nft(["-j", "list", "table", ...TABLE.split(" ")]);
}

/** Loads a program in place of whatever is there. */
export async function loadProgram(program: Program): Promise<void> {
  nft(["-f", "-"], `add table ${TABLE}\ndelete table ${TABLE}\n`);
  const apply = async (script: string): Promise<void> => void nft(["-f", "-"], script);
  await applyFirstLoad({ apply }, programDelta(EMPTY_PROGRAM, program));
}

/** Turns what is there into a program by the smallest transaction. */
export function repair(program: Program): void {
  const delta = programDelta(readProgram(listTable()), program);
  if (delta.length > 0) nft(["-f", "-"], formatDelta(delta));
}
