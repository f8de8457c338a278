import { SERVER_ADDRESS, SERVER_PORTS } from "./measured-cluster.ts";
import {
  ALL_SEGMENTS,
  ANY_CPU,
  FIRST_CPU,
  flushTracking,
  type LoadOutput,
  type PacketPath,
  runLoad,
  setSegmentsPerPacket,
  type TrackingTrouble,
  trackingTrouble,
} from "./packet-path.ts";
import type { QuantityName, RulesName } from "./packet-result.ts";

export interface Round {
  readonly title: string;
  readonly milliseconds: number;
  /** How often all paths are measured in turn. */
  readonly cycles: number;
  /** The paths that take part. */
  readonly paths: readonly RulesName[];
  /** Segments that may go as one packet; as many as the kernel likes, by default. */
  readonly segments?: number;
  /** Arguments of load.c that follow the duration, and its port. */
  readonly mode: "connect" | "latency" | "bulk";
  readonly port: number;
  /** The processor of the client. */
  readonly cpu: number;
  readonly argument?: number;
  /** Reads the samples from what load.c prints. */
  readonly samples: (output: LoadOutput) => Partial<Record<QuantityName, number>>;
}

/** New connections a second at which their latency is measured: far from the limit, so that nothing queues. */
const LATENCY_RATE = 2000;

const gigabits = ({ bytes = 0 }: LoadOutput): number => (bytes * 8) / 1e9;

export const ROUNDS: readonly Round[] = [
  {
    title: "new connections",
    mode: "connect",
    port: SERVER_PORTS.connections,
    cpu: FIRST_CPU,
    milliseconds: 250,
    cycles: 60,
    paths: ["tracking", "few", "many", "control", "linear"],
    // By the processor's clock too, which stands still while other programs run.
    samples: ({ connections, seconds, busy }) => ({
      connections: connections! / seconds!,
      perBusySecond: connections! / busy!,
    }),
  },
  {
    title: "latency of new connections",
    mode: "latency",
    port: SERVER_PORTS.connections,
    cpu: FIRST_CPU,
    argument: LATENCY_RATE,
    milliseconds: 500,
    cycles: 40,
    paths: ["tracking", "few", "many", "control", "linear"],
    samples: ({ median, p99 }) => ({ latency: median!, latency99: p99! }),
  },
  {
    title: "bulk, one stream",
    mode: "bulk",
    port: SERVER_PORTS.stream,
    cpu: FIRST_CPU,
    argument: 1,
    milliseconds: 250,
    cycles: 40,
    paths: ["tracking", "few", "many", "control"],
    samples: (output) => ({
      bulk1: gigabits(output) / output.seconds!,
      bulk1PerBusySecond: gigabits(output) / output.busy!,
    }),
  },
  {
    title: "bulk, four streams",
    mode: "bulk",
    port: SERVER_PORTS.streams,
    cpu: ANY_CPU,
    argument: 4,
    milliseconds: 250,
    cycles: 40,
    paths: ["tracking", "few", "many", "control"],
    samples: (output) => ({ bulk4: gigabits(output) / output.seconds! }),
  },
  {
    title: "bulk, every segment a packet",
    mode: "bulk",
    port: SERVER_PORTS.stream,
    cpu: FIRST_CPU,
    argument: 1,
    segments: 1,
    milliseconds: 250,
    cycles: 40,
    paths: ["tracking", "few", "many", "control"],
    samples: (output) => ({
      segments: gigabits(output) / output.seconds!,
      segmentsPerBusySecond: gigabits(output) / output.busy!,
    }),
  },
];

/** The i-th sample of each path is of the i-th cycle. */
export type RoundSamples = Map<RulesName, Partial<Record<QuantityName, number[]>>>;

/**
 * Measures the paths in turn, cycle by cycle, there and back: whatever else slows the machine down meets all of them.
 * The first cycle warms up. Throws when connections failed or found no room in the tracking table, time and again, for then
 * it is not the rules that are measured. `onConnections` is told how many connections a path was given.
 */
export async function measureRound(
  round: Round,
  paths: ReadonlyMap<RulesName, PacketPath>,
  generator: string,
  cycles: number,
  onConnections: (rules: RulesName, count: number) => void,
): Promise<RoundSamples> {
  const names = round.paths.filter((name) => paths.has(name));
  const all: RoundSamples = new Map(names.map((name) => [name, {}]));
  for (const name of names) setSegmentsPerPacket(paths.get(name)!, round.segments ?? ALL_SEGMENTS);
  for (let cycle = 0; cycle <= cycles; cycle++) {
    for (const name of inTurn(names, cycle)) {
      const path = paths.get(name)!;
      const output = await runOnce(round, path, generator);
      onConnections(name, output.connections ?? round.argument ?? 1);
      if (cycle === 0) continue;
      const samples = all.get(name)!;
      for (const [quantity, value] of Object.entries(round.samples(output)) as [QuantityName, number][]) {
        samples[quantity] ??= [];
        samples[quantity].push(value);
      }
    }
  }
  return all;
}

/** A busy machine may keep a packet waiting until TCP sends it again; what happens every time is another matter. */
const ATTEMPTS = 3;

async function runOnce(round: Round, path: PacketPath, generator: string): Promise<LoadOutput> {
  for (let attempt = 1; ; attempt++) {
    const before = trackingTrouble(path);
    const output = await runLoad(path, generator, [
      round.mode,
      SERVER_ADDRESS,
      String(round.port),
      String(round.cpu),
      String(round.milliseconds),
      ...(round.argument === undefined ? [] : [String(round.argument)]),
      ...(round.mode === "bulk" ? [String(path.servers.get(round.port)!)] : []),
    ]);
    const after = trackingTrouble(path);
    await flushTracking(path, generator);
    const problem = problemOf(round, output, after, after.losses - before.losses);
    if (problem === undefined) return output;
    if (attempt === ATTEMPTS) throw new Error(`${path.name}, ${round.title}: ${problem}`);
  }
}

/** Why a round did not measure the rules. */
function problemOf(
  round: Round,
  output: LoadOutput,
  { entries, limit }: TrackingTrouble,
  losses: number,
): string | undefined {
  if (losses > 0 || entries >= limit) {
    return `connection tracking was full (${entries} of ${limit} entries, ${losses} losses)`;
  }
  // Several streams on several processors overtake each other, which TCP takes for losses whatever the rules.
  if (round.mode !== "bulk" && output.retransmitted !== 0) {
    return `${output.retransmitted} connections lost a packet`;
  }
  return undefined;
}

/** Each cycle begins with another, and every second one goes backwards. */
export function inTurn<T>(items: readonly T[], cycle: number): T[] {
  const start = cycle % items.length;
  const turned = [...items.slice(start), ...items.slice(0, start)];
  return cycle % 2 === 0 ? turned : turned.reverse();
}
