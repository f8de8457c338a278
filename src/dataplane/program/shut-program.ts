import type { Program, ProgramChain, ProgramSet } from "./program.ts";

/**
 * What holds the place of a program that has to be loaded in pieces, where even all the pods closed would be too much for
 * one transaction: nothing is forwarded, and nothing comes in from the node's pod range. The node itself is not shut out.
 */
export function shutProgram(program: Program): Program {
  const sets = new Map<string, ProgramSet>();
  const fromPods: string[] = [];
  for (const [name, ip] of [
    ["birth4", "ip"],
    ["birth6", "ip6"],
  ] as const) {
    const birth = program.sets.get(name);
    if (birth === undefined) continue;
    sets.set(name, birth);
    fromPods.push(`${ip} saddr . meta l4proto @${name} fib saddr type != local drop`);
  }
  const chains: ProgramChain[] = [
    { name: "forward", hook: "forward", rules: ["drop"] },
    { name: "input", hook: "input", rules: fromPods },
  ];
  return { sets, chains: new Map(chains.map((chain) => [chain.name, chain])) };
}
