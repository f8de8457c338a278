import { drawMarkdown, failureParagraph } from "../draw-markdown.ts";
import { leftOutLines } from "../report-text.ts";
import type { BenchResults } from "../result.ts";
import { memoryTable, trafficTable } from "./tables.ts";

/** The chapter about the memory of agents, and what they ask of an API server. */
export function memorySection({ agentMemory }: BenchResults): string[] {
  if (agentMemory === undefined) return [];
  const { runs, failures, leftOut } = agentMemory;
  return [
    "## Memory of the agent, and load of the API server",
    ...(leftOut.length === 0 ? [] : [leftOutLines(leftOut).join("\\\n")]),
    ...failureParagraph(failures),
    ...(runs.length === 0
      ? []
      : [HOW, drawMarkdown(memoryTable(agentMemory)), TRAFFIC, drawMarkdown(trafficTable(agentMemory))]),
  ];
}

const HOW = `\`podwall agent\` on a node with 48 pods, with 10,000 policies and 2,000 namespaces on a real API server. Memory is
that of the process, as the kernel counts it (VmRSS, VmHWM): when it is ready, 15 seconds later, and after 1,000 pods have
got another label one by one; each agent begins without a state from before. "As deployed" is with the environment
that the chart gives it. The API server, its etcd and the agent share the machine, which says something about how long it
takes until the agent is ready. Repeat it with \`npm run bench -- --agent-memory\`, as root.`;

const TRAFFIC = `Requests are those that have ended, and that the agent counts: a watch is one in five to ten minutes. Bytes are those
of the node's network interfaces, with TLS and headers; lists come compressed. An hour is told from two minutes in
which nothing changed, so that requests are few or none. Pods of real clusters have more in their specification and
status than these.`;
