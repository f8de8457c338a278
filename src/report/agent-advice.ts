import type { AgentFailure } from "../agent/proxied/agent-failure.ts";

/** What to do about agents that do not answer: once for each kind of failure, however many nodes it is about. */
export function adviceLines(
  nodes: readonly { readonly node: string; readonly failure?: AgentFailure }[],
): string[] {
  const seen = new Set<string>();
  const lines: string[] = [];
  for (const { node, failure } of nodes) {
    if (failure?.help === undefined || seen.has(failure.code)) continue;
    seen.add(failure.code);
    lines.push(`  ${node}: ${failure.help.replaceAll(/\n */g, "\n    ")}`);
  }
  return lines.length === 0 ? [] : ["", ...lines];
}
