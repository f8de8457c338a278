import { isDeepStrictEqual } from "node:util";
import { withoutAudited } from "../../src/cluster/without-audited.ts";
import { compileProgram } from "../../src/dataplane/compile/compile.ts";
import { programDelta } from "../../src/dataplane/program/delta.ts";
import type { Program } from "../../src/dataplane/program/program.ts";
import { createEngine } from "../../src/engine/engine.ts";
import { canonicalProgram } from "../dataplane/program-mirror.ts";
import type { KernelNodes } from "./kernel-nodes.ts";

/**
 * Reads every node's kernel back: how it differs from the program that is compiled fresh from the cluster as it is now,
 * and what `verify` says. Programs are those that were read.
 */
export async function nodesDiffer({ engines, nodes }: KernelNodes): Promise<{
  readonly programs: readonly Program[];
  readonly differences: readonly string[];
}> {
  const { cluster } = engines.engine;
  const engine = createEngine(cluster);
  const unaudited = createEngine(withoutAudited(cluster));
  const programs: Program[] = [];
  const differences: string[] = [];
  for (const { name, dataplane, kernel } of nodes) {
    const read = await kernel.read();
    programs.push(read);
    for (const words of read.foreign ?? []) differences.push(`${name} holds ${words}`);
    // Names of sets tell what they once held: they cannot be those of a program that has no past.
    const fresh = withoutChainComments(compileProgram(engine, name, { unaudited }));
    if (!isDeepStrictEqual(canonicalProgram(read), canonicalProgram(fresh))) {
      const commands = programDelta(read, dataplane.enforcer.program()).map(({ command }) => command);
      const shown = commands.length > 0 ? commands.slice(0, 3).join("; ") : "the enforcer knows of nothing";
      differences.push(`${name} is not what its cluster compiles to: ${shown}`);
    }
    const verified = await dataplane.verify();
    for (const difference of verified.slice(0, 3)) differences.push(`${name}: ${JSON.stringify(difference)}`);
  }
  return { programs, differences };
}

/** nft lists no comments of chains as JSON. */
function withoutChainComments({ sets, chains }: Program): Program {
  const bare = [...chains].map(([name, { comment: _, ...chain }]) => [name, chain] as const);
  return { sets, chains: new Map(bare) };
}
