import type { Engine } from "../../engine/engine.ts";
import type { Program } from "../program/program.ts";
import { createNodeProgram, type NodeProgramOptions } from "./node-program.ts";

/**
 * What the kernel of one node must hold so that its pods' packets pass exactly where the engine says so. Only pods on
 * this node are judged: ingress where they receive, egress where they send.
 */
export function compileProgram(
  engine: Engine,
  nodeName: string,
  options: NodeProgramOptions & { readonly unaudited?: Engine } = {},
): Program {
  const live = createNodeProgram(engine, nodeName, options);
  live.setUnaudited(options.unaudited);
  live.update();
  const program = live.program();
  live.close();
  return program;
}
