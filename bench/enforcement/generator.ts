import { spawnSync } from "node:child_process";
import { findProgram } from "../../src/linux/programs.ts";

/** The compiled load.c, or why there is none. */
export type Generator = { readonly program: string } | { readonly reason: string };

/**
 * Compiles the load generator with the system's C compiler. Node cannot take its place: an event loop costs several
 * times what a packet's way costs, and would hide it.
 */
export function compileGenerator(source: string, program: string): Generator {
  const compiler = findProgram("cc");
  if (compiler === undefined) {
    return { reason: "there is no C compiler (cc) for the load generator; apt-get install gcc libc6-dev" };
  }
  const { status, stderr, error } = spawnSync(compiler, ["-O2", "-pthread", "-o", program, source], {
    encoding: "utf8",
  });
  if (status === 0) return { program };
  return { reason: `cc refused the load generator: ${error?.message ?? stderr.trim()}` };
}
