// Runs inside the sandbox: CHANGES. Long streams through so many changes that are about others, with one in the middle that cuts
// their neighbours; then one that is about the streams themselves.
import type { ClusterChange } from "../../../src/cluster/change.ts";
import { clusterChanges } from "../../../src/cluster/diff.ts";
import { programDelta } from "../../../src/dataplane/program/delta.ts";
import { openLab } from "../../../src/lab/lab.ts";
import { runInSandbox } from "../../../src/lab/sandbox-inner.ts";
import * as sys from "../../../src/linux/syscalls.ts";
import { node, pod, policy } from "../around/manifests.ts";
import { writeResult } from "../write-result.ts";
import { cutText } from "./inside/cut-text.ts";
import { engineOf } from "./inside/engine-of.ts";
import { closeFlow, type OpenFlow, openFlow, pause, sendThrough } from "./inside/flows.ts";
import {
  type Counted,
  type RunningDatagrams,
  type RunningTransfer,
  startDatagrams,
  startTransfer,
  type Transferred,
} from "./inside/streams.ts";
import type { Flow, Seen } from "./steps.ts";

/** By the names of the streams, such as `TCP IPv4`. */
export interface StreamsResult {
  readonly transfers: Readonly<Record<string, Transferred>>;
  readonly datagrams: Readonly<Record<string, Counted>>;
  /** What the ends of the neighbours saw, by name, before and after the change in the middle. */
  readonly neighbours: Readonly<Record<"before" | "after", Readonly<Record<string, Seen>>>>;
  readonly changes: number;
  /** Changes of which the kernel of a node noticed something: the others prove nothing. */
  readonly noticed: number;
  /** What was cut, as `cutText` says it: by the change in the middle, and in all. */
  readonly cuts: { readonly middle: readonly string[]; readonly all: readonly string[] };
  /** Of both nodes, by name. */
  readonly differences: Readonly<Record<string, number>>;
  /** The same streams begun anew, when a change has forbidden them: a control. */
  readonly forbidden: Pick<StreamsResult, "transfers" | "datagrams">;
}

const own = (nodeNumber: number, number: number): [string, string] => [
  `10.244.${nodeNumber}.${number}`,
  `fd00:10:244:${nodeNumber}::${number}`,
];
const guest = (label: string): string =>
  pod("guest", "guest", "one", own(1, 3)).replace("role: guest", `role: guest, invited: "${label}"`);
const FIXED =
  node("one", "172.18.0.1", "fd00:18::1") +
  node("two", "172.18.0.2", "fd00:18::2") +
  pod("client", "client", "one", own(1, 1)) +
  pod("bystander", "bystander", "one", own(1, 2)) +
  pod("server", "server", "two", own(2, 1)) +
  pod("stranger", "stranger", "two", own(2, 2));
/** The guest is a peer of the server's policy, beside the client, for as long as it is invited. */
const server = (...ports: number[]): string => {
  const list = ports.flatMap((port) => [`{port: ${port}}`, `{port: ${port}, protocol: UDP}`]).join(", ");
  return policy(
    "server",
    "server",
    `{ingress: [{ports: [${list}], from: [{podSelector: {matchLabels: {role: client}}}]},
      {ports: [${list}], from: [{podSelector: {matchLabels: {invited: "yes"}}}]}]}`,
  );
};
const others = (spec: string): string =>
  policy("bystander", "bystander", spec) + policy("stranger", "stranger", spec);

/** What changes, over and over; from each to the next, and from the last to the first. */
const ROUND = [
  guest("no"),
  guest("yes"),
  guest("yes") + others("{policyTypes: [Ingress, Egress]}"),
  guest("yes") + others("{ingress: [{from: [{podSelector: {matchLabels: {role: client}}}]}]}"),
  guest("no") +
    others(
      '{egress: [{to: [{ipBlock: {cidr: 10.0.0.0/8, except: ["10.244.2.0/24"]}}]}], policyTypes: [Egress]}',
    ),
];

const STREAM_PORT = 7000;
const NEIGHBOUR_PORT = 7001;
const flowsTo = (port: number): Flow[] =>
  (["TCP", "UDP"] as const).flatMap((protocol) =>
    ([4, 6] as const).map((family) => ({
      name: `${protocol} IPv${family}`,
      from: "shop/client",
      to: "shop/server",
      protocol,
      family,
      port,
      sourcePort: port - 1000,
    })),
  );

/** In looks of 1 ms or more. */
const PATIENCE_LOOKS = 5000;

/** Waits until more has arrived of each stream. */
async function arrival(streams: readonly { received(): number }[], before: readonly number[]): Promise<void> {
  for (let look = 0; streams.some((each, i) => each.received() === before[i]); look++) {
    if (look === PATIENCE_LOOKS) throw new Error("nothing arrives any more");
    await pause(1);
  }
}

await runInSandbox(async () => {
  const count = Number(process.argv[2]);
  const cuts: string[] = [];
  const states = ROUND.map((each) => engineOf(FIXED + each + server(STREAM_PORT, NEIGHBOUR_PORT)).cluster);
  const round = states.flatMap((state, i) => clusterChanges(state, states[(i + 1) % states.length]!));
  const serverChange = (ports: number[], spec = server(...ports)): ClusterChange[] =>
    clusterChanges(states[0]!, engineOf(FIXED + ROUND[0] + spec).cluster);

  const lab = await openLab(engineOf(FIXED + ROUND[0] + server(STREAM_PORT, NEIGHBOUR_PORT)), [], {
    onCut: (name, found) => cuts.push(...found.map((cut) => cutText(name, cut))),
  });
  const open = async (flows: readonly Flow[]): Promise<OpenFlow[]> => {
    const opened: OpenFlow[] = [];
    for (const flow of flows) {
      const each = await openFlow(lab.network, flow);
      if (typeof each === "string") throw new Error(`${flow.name} ${flow.port}: ${each}`);
      opened.push(each);
    }
    return opened;
  };
  const byName = <T>(flows: readonly OpenFlow[], values: readonly T[]): Record<string, T> =>
    Object.fromEntries(flows.map(({ flow }, i) => [flow.name, values[i]!]));
  const tcpOf = (flows: readonly OpenFlow[]): OpenFlow[] =>
    flows.filter(({ flow }) => flow.protocol === "TCP");
  const udpOf = (flows: readonly OpenFlow[]): OpenFlow[] =>
    flows.filter(({ flow }) => flow.protocol === "UDP");

  /** Streams that run while something is done. */
  const streaming = async (
    during: (streams: readonly (RunningTransfer | RunningDatagrams)[]) => Promise<void>,
  ): Promise<Pick<StreamsResult, "transfers" | "datagrams">> => {
    const flows = await open(flowsTo(STREAM_PORT));
    const transfers = tcpOf(flows).map(startTransfer);
    const datagrams: RunningDatagrams[] = udpOf(flows).map(startDatagrams);
    await during([...transfers, ...datagrams]);
    const result = {
      transfers: byName(tcpOf(flows), await Promise.all(transfers.map((each) => each.finish()))),
      datagrams: byName(udpOf(flows), await Promise.all(datagrams.map((each) => each.finish()))),
    };
    for (const { listener } of tcpOf(flows)) sys.close(listener!);
    for (const flow of udpOf(flows)) closeFlow(flow);
    return result;
  };

  const neighbours = await open(flowsTo(NEIGHBOUR_PORT));
  const look = async (): Promise<Record<string, Seen>> => byName(neighbours, await sendThrough(neighbours));
  let [changes, noticed] = [0, 0];
  let middle: readonly string[] = [];
  const seen: { before?: Record<string, Seen>; after?: Record<string, Seen> } = {};
  const streams = await streaming(async (running) => {
    while (changes < count) {
      // Something arrives between any two changes, however slow the machine is.
      const before = running.map((each) => each.received());
      if (changes === count / 2) {
        seen.before = await look();
        await lab.apply(serverChange([STREAM_PORT]));
        middle = [...cuts].sort();
        seen.after = await look();
      }
      const held = lab.programs;
      await lab.apply([round[changes++ % round.length]!]);
      const holds = [...lab.programs];
      if (holds.some(([name, program]) => programDelta(held.get(name)!, program).length > 0)) noticed++;
      await arrival(running, before);
    }
  });
  const verified = await lab.verify();
  const all = [...cuts].sort();

  const forbidden = await streaming(async (running) => {
    // Not before something has arrived: a connection that never was could not be cut.
    await arrival(
      running,
      running.map(() => 0),
    );
    await lab.apply(serverChange([], policy("server", "server", "{policyTypes: [Ingress]}")));
    await Promise.all(running.map((each) => ("ended" in each ? each.ended : undefined)));
  });
  for (const flow of neighbours) closeFlow(flow);
  await writeResult({
    ...streams,
    neighbours: { before: seen.before!, after: seen.after! },
    changes,
    noticed,
    cuts: { middle, all },
    differences: Object.fromEntries([...verified].map(([name, found]) => [name, found.length])),
    forbidden,
  } satisfies StreamsResult);
  await lab.close();
  return 0;
});
