import { denyRules, selfRule } from "../compile/frame.ts";
import { DEFAULT_ENFORCEMENT, type EnforcementConfig } from "../config.ts";
import type { Program, ProgramChain, ProgramSet } from "./program.ts";

/**
 * A program with every judged pod closed: the frame and the maps, and class chains that only deny. Small, whatever the
 * size of the cluster, so that it is in force at once; what the pods may do is filled in afterwards.
 */
export function closedProgram(program: Program, config: EnforcementConfig = DEFAULT_ENFORCEMENT): Program {
  const chains = new Map<string, ProgramChain>();
  for (const chain of program.chains.values()) {
    // Only maps of class chains lead there.
    if (/^(tcp|udp|sctp)\d+_/.test(chain.name)) continue;
    const [, direction, family] = /^a?(in|eg)([46])_/.exec(chain.name) ?? [];
    chains.set(
      chain.name,
      direction === undefined
        ? chain
        : {
            ...chain,
            rules: [
              selfRule(family === "4" ? 4 : 6),
              ...denyRules(config, direction === "in" ? "ingress" : "egress"),
            ],
          },
    );
  }
  const sets = new Map<string, ProgramSet>();
  for (const set of program.sets.values()) {
    // Only class chains name the others.
    if (!/^(peers|lesser|unaudited|unaudited_lesser|nets|ports|by_port)_/.test(set.name))
      sets.set(set.name, set);
  }
  return { chains, sets };
}
