import { drawMarkdown, failureParagraph } from "../draw-markdown.ts";
import { leftOutLines } from "../report-text.ts";
import type { BenchResults } from "../result.ts";
import { breakdownTable, clusterText, latencyTable } from "./tables.ts";

/** The chapter about the way from a write to the API to the packets. */
export function latencySection({ latency }: BenchResults): string[] {
  if (latency === undefined) return [];
  const { clusters, failures, leftOut } = latency;
  return [
    "## Latency: from a write to the API until packets obey",
    ...(leftOut.length === 0 ? [] : [leftOutLines(leftOut).join("\\\n")]),
    ...failureParagraph(failures),
    ...(clusters.length === 0 ? [] : [HOW]),
    ...clusters.flatMap((cluster) => [
      `### ${clusterText(cluster)}`,
      cluster.facts.map(([about, words]) => `- ${about}: ${words}`).join("\n"),
      drawMarkdown(latencyTable(cluster)),
      drawMarkdown(breakdownTable(cluster)),
    ]),
  ];
}

const HOW = `A real API server with its etcd, \`podwall agent\` as a process of its own in the network namespace of a node, and
two pods of that node, which are namespaces; the other pods and policies are objects of the API. A C program sends 5,000
UDP packets a second from the one pod to the other: on a veth pair a packet is delivered or dropped within the system call
that sends it, so that it is known to a fifth of a millisecond when the first one obeyed. All of them are of one
connection, which the rules know as established: that it is cut is part of what is measured. The clock starts before
the request is sent, of which the answer comes when etcd has stored it; it stops when that first packet was sent. All
kinds of change take turns, at random intervals of 60 to 110 ms from the last one; the first twentieth warms up. API server,
etcd, agent and sender share the machine: etcd does not wait for the disk here, and there is no network between them.
The agent has seen a change when it has read its event. Repeat it with \`npm run bench -- --latency\`, as root.`;
