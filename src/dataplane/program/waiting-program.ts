import type { Program, ProgramChain } from "./program.ts";

/**
 * What a node holds while nobody knows its pods yet: nothing new is forwarded, so no pod is reached and none reaches
 * anything but its own node. The node itself is not shut out, nor cut off from the API server.
 */
export const WAITING_PROGRAM: Program = waitingProgram();

function waitingProgram(): Program {
  const forward: ProgramChain = {
    name: "forward",
    hook: "forward",
    comment: "nothing new passes until the API server has been read",
    rules: [
      "ct state established,related accept",
      "icmpv6 type { nd-router-solicit, nd-router-advert, nd-neighbor-solicit, nd-neighbor-advert, nd-redirect } accept",
      "counter drop",
    ],
  };
  return { sets: new Map(), chains: new Map([[forward.name, forward]]) };
}
