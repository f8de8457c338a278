import { rmSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { type AgentCluster, openAgentCluster } from "../../test/agent/harness/agent-cluster.ts";
import { type ApiObject, createObjects, listPath } from "../../test/apiserver/objects.ts";
import { monotonicMillis } from "../enforcement-latency/blaster.ts";
import { apiObjects, latencyCluster, NODE } from "../enforcement-latency/latency-cluster.ts";
import type { GeneratedCluster } from "../profiles/inventory.ts";
import type { Sizes } from "../result.ts";
import type { SandboxReporter } from "../run-sandbox-job.ts";
import { difference, heapUsed, resident, scaled, trafficAtStart, trafficOf } from "./agent-figures.ts";
import type { MemoryPiece, MemoryRun, NodeVariant, Traffic } from "./memory-result.ts";

/** What the sandbox is to do; its only argument, as JSON. */
export interface MemoryJob {
  readonly kind: string;
  /** The bundled command line. */
  readonly podwall: string;
  /** Of the largest cluster. */
  readonly sizes: Sizes;
  /** Numbers of pods at which agents are started, growing; the last is that of `sizes`. */
  readonly steps: readonly number[];
  readonly variants: readonly NodeVariant[];
  /** Pods that get another label. */
  readonly changes: number;
  readonly settleSeconds: number;
  readonly idleSeconds: number;
}

const START_MILLIS = 600_000;
/** By then the agent has read of what was written, though it need not be done with it. */
const FOLLOWED_MILLIS = 3000;
const SECONDS_PER_HOUR = 3600;
/** As many requests at a time as two cores of an API server are busy with. */
const LANES = 16;

/** The memory of agents on one cluster that grows, and what they ask of its API server. Inside the sandbox. */
export async function memoryJob(job: MemoryJob, report: SandboxReporter<MemoryPiece>): Promise<void> {
  report.progress("start an API server");
  const cluster = await openAgentCluster({ nodes: [NODE] });
  const generated = latencyCluster(job.sizes);
  await cluster.server.define("clusternetworkpolicies");
  await createObjects(cluster.api, apiObjects({ ...generated, pods: [], policies: [] }).first, LANES);
  await createObjects(cluster.api, apiObjects({ ...generated, pods: [] }).rest, LANES);
  let served = 0;
  const ordered = inOrderOfCreation(generated);
  for (const pods of job.steps) {
    const objects = apiObjects({ ...generated, policies: [], pods: ordered.slice(0, pods) }).rest;
    report.progress(`create pods up to ${pods}`);
    await createObjects(cluster.api, objects.slice(served), LANES);
    served = objects.length;
    const sizes = { ...job.sizes, pods };
    for (const variant of job.variants) {
      report.progress(`${pods} pods, ${variant.title}`);
      report.result({ sizes, run: await measureAgent(cluster, objects, variant, job) });
    }
  }
  await cluster.close();
}

/** Those of the measured node first, and the others so that any beginning is spread over all workloads. */
function inOrderOfCreation({ pods }: GeneratedCluster): GeneratedCluster["pods"] {
  const lanes = 5;
  const own = pods.filter(({ nodeName }) => nodeName === NODE);
  const others = pods.filter(({ nodeName }) => nodeName !== NODE);
  return [
    ...own,
    ...Array.from({ length: lanes }, (_, lane) => others.filter((_, i) => i % lanes === lane)).flat(),
  ];
}

async function measureAgent(
  cluster: AgentCluster,
  pods: readonly ApiObject[],
  { title, environment, withTraffic }: NodeVariant,
  { podwall, changes, settleSeconds, idleSeconds }: MemoryJob,
): Promise<MemoryRun> {
  // As on a node that is new.
  rmSync(cluster.stateFolder(NODE), { recursive: true, force: true });
  const assignments = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
  const begun = monotonicMillis();
  const agent = cluster.startAgent(NODE, { program: podwall, startedBy: ["env", ...assignments] });
  const zero = trafficAtStart(agent);
  await agent.ready(START_MILLIS);
  const readyMillis = monotonicMillis() - begun;
  const ready = resident(agent.pid);
  const start = difference((await trafficOf(agent)).until, zero);
  await sleep(settleSeconds * 1000);
  const settled = resident(agent.pid);
  let before = await trafficOf(agent);
  let idle: Traffic | undefined;
  if (withTraffic) {
    await sleep(idleSeconds * 1000);
    const after = await trafficOf(agent);
    idle = difference(after.until, before.since);
    before = after;
  }
  await relabel(cluster, pods, changes);
  await sleep(FOLLOWED_MILLIS);
  await agent.ready(START_MILLIS);
  const perChanges = difference((await trafficOf(agent)).until, before.since);
  const changed = resident(agent.pid);
  const heap = await heapUsed(agent);
  await agent.stop();
  return {
    variant: title,
    readyMillis,
    start,
    ready,
    settled,
    changed,
    changes,
    perChanges,
    heapUsed: heap,
    ...(idle === undefined ? {} : { perIdleHour: scaled(idle, SECONDS_PER_HOUR / idleSeconds), idleSeconds }),
  };
}

/** Gives pods, spread over all, a label that they did not have. */
async function relabel({ api }: AgentCluster, pods: readonly ApiObject[], count: number): Promise<void> {
  const value = `v${Math.round(monotonicMillis())}`;
  const step = Math.floor(pods.length / count);
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count) {
      const pod = pods[next++ * step]!;
      const path = `${listPath(pod)}/${pod.metadata.name}`;
      await api.must("PATCH", path, { metadata: { labels: { version: value } } });
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
}
