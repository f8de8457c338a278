import { setTimeout as sleep } from "node:timers/promises";
import { type AgentCluster, openAgentCluster } from "../../test/agent/harness/agent-cluster.ts";
import type { AgentProcess } from "../../test/agent/harness/agent-process.ts";
import { createObjects } from "../../test/apiserver/objects.ts";
import { createRandom } from "../../test/generators/random.ts";
import { formatNumber, formatQuantity } from "../format.ts";
import type { SandboxReporter } from "../run-sandbox-job.ts";
import { percentile } from "../stats.ts";
import { type Blaster, monotonicMillis, startBlaster } from "./blaster.ts";
import { delayOf } from "./delay.ts";
import { CLIENT, LATENCY_WRITES, type LatencyWrite, SERVER, STANDING_POLICIES } from "./latency-changes.ts";
import { apiObjects, latencyCluster, NODE } from "./latency-cluster.ts";
import type { Delay, LatencyChange, LatencyPiece, LatencyRow, LatencySizes } from "./latency-result.ts";

/** What one sandbox is to do; its only argument, as JSON. */
export interface LatencyJob {
  readonly kind: string;
  /** The compiled blast.c. */
  readonly blast: string;
  /** The bundled command line. */
  readonly podwall: string;
  readonly sizes: LatencySizes;
  readonly hasGoal: boolean;
  /** Of each kind of change. */
  readonly samples: number;
}

/** Packets a second: a verdict is known to a fifth of a millisecond. */
const RATE = 5000;
const START_MILLIS = 300_000;
/** Every kind of change once in each round; the first rounds warm up. */
const warmUpRounds = (samples: number): number => Math.ceil(samples / 20);

/**
 * From a write to the API of a real API server to the first packet that obeys, on a node of a cluster with other pods and
 * policies. Inside the sandbox.
 */
export async function latencyJob(job: LatencyJob, report: SandboxReporter<LatencyPiece>): Promise<void> {
  report.progress("start an API server");
  const cluster = await openAgentCluster({ nodes: [NODE] });
  report.progress("create the objects");
  const { first, rest } = apiObjects(latencyCluster(job.sizes));
  await createObjects(cluster.api, first);
  await createObjects(cluster.api, rest);
  await cluster.server.define("clusternetworkpolicies");
  await cluster.create(...STANDING_POLICIES);
  const server = await cluster.kubelet.create(SERVER.id, { node: NODE, labels: SERVER.labels });
  await cluster.kubelet.create(CLIENT.id, { node: NODE, labels: CLIENT.labels });
  report.progress("start the agent");
  const agent = cluster.startAgent(NODE, { program: job.podwall });
  await agent.ready(START_MILLIS);
  const blaster = startBlaster({
    program: job.blast,
    from: cluster.network.endpoint(CLIENT.id)!.namespace,
    to: cluster.network.endpoint(SERVER.id)!.namespace,
    address: server.addresses[0],
    port: 80,
    rate: RATE,
  });
  await blaster.becomes(true);
  const measured = await measureRounds(job.samples, { cluster, agent, blaster }, report);
  await cluster.agreed();
  const { counts } = await agent.status();
  report.result({
    sizes: job.sizes,
    hasGoal: job.hasGoal,
    facts: [
      ["pods on the node", formatNumber(counts.localPods)],
      ["a verdict is known to", `${formatQuantity(measured.granularity, "ms")} (p99)`],
      ["packets with another fate than those around them", formatNumber(measured.strays)],
    ],
    rows: measured.rows,
  });
  blaster.stop();
  await cluster.close();
}

interface Bench {
  readonly cluster: AgentCluster;
  readonly agent: AgentProcess;
  readonly blaster: Blaster;
}

interface Sample {
  readonly sent: number;
  readonly answered: number;
  readonly seen: number;
  readonly obeyed: number;
  /** How long before that packet the one before it was sent, which did not obey. */
  readonly granularity: number;
  readonly strays: number;
  /** When the rules were in force, by the agent's own clock. */
  readonly programmed: number;
}

async function measureRounds(
  samples: number,
  bench: Bench,
  report: Pick<SandboxReporter<LatencyPiece>, "progress">,
): Promise<{ readonly rows: LatencyRow[]; readonly granularity: number; readonly strays: number }> {
  const random = createRandom(3);
  const found = new Map<LatencyChange, Sample[]>(LATENCY_WRITES.map(({ change }) => [change, []]));
  const warmUp = warmUpRounds(samples);
  for (let round = 0; round < warmUp + samples; round++) {
    report.progress(`round ${round + 1} of ${warmUp + samples}`);
    for (const write of LATENCY_WRITES) {
      const sample = await measure(write, bench);
      if (round >= warmUp) found.get(write.change)!.push(sample);
      // Later than the agent's pause between two transactions, and at any time of whatever comes at intervals.
      await sleep(Math.max(0, sample.programmed + random.int(60, 110) - monotonicMillis()));
    }
  }
  const all = [...found.values()].flat();
  return {
    rows: [...found].map(([change, list]) => rowOf(change, list)),
    granularity: percentile(Float64Array.from(all.map(({ granularity }) => granularity)).sort(), 0.99),
    strays: all.reduce((sum, { strays }) => sum + strays, 0),
  };
}

async function measure({ write, passes }: LatencyWrite, { cluster, agent, blaster }: Bench): Promise<Sample> {
  const sent = monotonicMillis();
  /** From the one clock to the other. */
  const offset = Date.now() - sent;
  await write(cluster.api);
  const answered = monotonicMillis();
  const { at, before, strays } = await blaster.becomes(passes);
  let { enforcement } = await agent.status();
  // The agent looks at connections once the rules are in force.
  while (enforcement.lagMillis > 0 || Date.parse(enforcement.lastProgrammed ?? "") - offset < sent) {
    await sleep(10);
    ({ enforcement } = await agent.status());
  }
  const programmed = Date.parse(enforcement.lastProgrammed!) - offset;
  const seen = programmed - enforcement.lastSyncMillis!;
  return { sent, answered, seen, obeyed: at, granularity: at - before, strays, programmed };
}

function rowOf(change: LatencyChange, samples: readonly Sample[]): LatencyRow {
  const delay = (from: "sent" | "answered" | "seen", to: "answered" | "seen" | "obeyed"): Delay =>
    delayOf(samples.map((sample) => sample[to] - sample[from]));
  return {
    change,
    fromWrite: delay("sent", "obeyed"),
    fromAnswer: delay("answered", "obeyed"),
    writeToAnswer: delay("sent", "answered"),
    writeToSeen: delay("sent", "seen"),
    seenToPacket: delay("seen", "obeyed"),
  };
}
