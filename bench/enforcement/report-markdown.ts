import { drawMarkdown, failureParagraph } from "../draw-markdown.ts";
import { leftOutLines } from "../report-text.ts";
import type { BenchResults } from "../result.ts";
import { RULES } from "./packet-result.ts";
import { changeTable, packetTable } from "./tables.ts";

/** The chapter about packets and changes. */
export function enforcementSection({ enforcement, quick }: BenchResults): string[] {
  if (enforcement === undefined) return [];
  const { facts, packets, changes, failures, leftOut } = enforcement;
  return [
    "## Enforcement",
    ...(leftOut.length === 0 ? [] : [leftOutLines(leftOut).join("\\\n")]),
    ...failureParagraph(failures),
    ...(packets.length === 0
      ? []
      : [
          PACKETS,
          facts.map(([about, words]) => `- ${about}: ${words}.`).join("\n"),
          drawMarkdown(packetTable(enforcement, quick)),
        ]),
    ...(Object.keys(changes).length === 0 ? [] : [CHANGES, drawMarkdown(changeTable(enforcement, quick))]),
  ];
}

const PACKETS = `### Packets

A client's namespace, a node's and a server's, joined by routed veth pairs, five times over; the five nodes differ in
nothing but their rules: ${Object.values(RULES).join("; ")}. They are measured in turn, round after round, each cycle
beginning with another and every second one backwards; the ratio is the median of the ratios within cycles, so that
what slows the whole machine down cancels out, and the interval says where the median of very many cycles would lie.
The generator is a C program whose connections block until they stand: a connection is carried through all three
namespaces within one system call. It ends by RST, so that one of its four packets is judged. Each round begins with an
empty tracking table, and a full one, a lost packet or a connection that our chains did not count ends the measuring.
Bulk goes in packets of up to 64 KB, as veth and most network cards take them; in the last rows each segment is a
packet. A second of processor time is one by the clock of the processes that send and receive, within whose system calls
the kernel carries the packets: it stands still while other programs run, so that these rows are the exact ones where
the machine was busy. A verdict with a question mark is one whose interval holds the goal. Repeat it with \`npm run bench -- --enforcement\`, as root.`;

const CHANGES = `### Changes

On a node with about 100 pods of the cluster with 10,000 policies, from the event to the rules in the kernel. The remote
pods are such as rules of this node name; the policy selects ten pods of ten classes. Bursts come as 1,000 events, one
by one. In the end the kernel must hold what it held in the beginning. A cold start is that of a process which reads
the objects, in pages as an API server gives them, and enforces them; each sample is a process of its own.`;
