import type { CommandResult } from "../../linux/command.ts";
import { EMPTY_PROGRAM, type Program, TABLE } from "../program.ts";
import { readProgram } from "./read-program.ts";

/** nft could not list the table, for another reason than that there is none. */
export class UnreadableKernelError extends Error {
  override readonly name = "UnreadableKernelError";
}

/**
 * Reads the table of a network namespace back.
 *
 * @param run Runs a program in that namespace, in the C locale.
 * @throws UnreadableKernelError where nft may not list it.
 * @throws ReadBackError where nft prints what is none of its JSON.
 */
export async function readKernel(run: (argv: readonly string[]) => Promise<CommandResult>): Promise<Program> {
  const { code, stdout, stderr } = await run(["nft", "-j", "list", "table", ...TABLE.split(" ")]);
  if (code === 0) return readProgram(stdout);
  if (stderr.includes("No such file or directory")) return EMPTY_PROGRAM;
  throw new UnreadableKernelError(stderr.trim().split("\n")[0] ?? `nft ended with ${code}`);
}
