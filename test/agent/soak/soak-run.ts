import { setTimeout as sleep } from "node:timers/promises";
import { createRandom } from "../../generators/random.ts";
import type { AgentCluster } from "../harness/agent-cluster.ts";
import type { Guard } from "../harness/guard.ts";
import { readModel } from "../harness/model.ts";
import { keepEvidence } from "./evidence.ts";
import { type MemoryCourse, type MemorySample, memoryCourse, memoryProblem, sampleMemory } from "./memory.ts";
import { probeSample } from "./sample.ts";
import { type SoakChurn, startSoakChurn } from "./soak-churn.ts";
import { GUARDED, setStage } from "./stage.ts";
import { createTroubles, PATIENCE, type Troubles } from "./troubles.ts";

export interface SoakOptions {
  readonly minutes: number;
  readonly seed: number;
  readonly progress: (line: string) => void;
  readonly signal: AbortSignal;
}

/** What a soak did and saw. */
export interface SoakResult {
  readonly seed: number;
  readonly seconds: number;
  /** What was wrong; empty if nothing was. The soak ends with the first. */
  readonly problems: readonly string[];
  readonly changes: Readonly<Record<string, number>>;
  readonly changesPerSecond: number;
  readonly troubles: Readonly<Record<string, number>>;
  /** How often all stood still and the kernels of both nodes were what an engine over the API's objects says. */
  readonly agreements: number;
  /** Probes of ways that change, sent while all stood still, by what the engine says of them. */
  readonly probes: Readonly<Record<"passed" | "denied" | "repeated", number>>;
  /** Of guarded pairs, whose packets flow all the time. */
  readonly packets: {
    /** That may never pass, and those that must, as far as the soak got to its end. */
    readonly never?: number;
    readonly always?: number;
    readonly leaked: number;
    /** 0, or a problem says what was. */
    readonly wronglyDropped?: number;
    /** Not counted in these: what happened while the rules of a node were gone by somebody else's hand. */
    readonly withoutRules: Troubles["meanwhile"];
  };
  readonly heldConnections: number;
  readonly agentsStarted: number;
  /** Of the last process of each node; that of `two` is never ended in the last two thirds. */
  readonly memory: Readonly<Record<string, MemoryCourse>>;
}

const NODES = ["one", "two"];
/** Its agent is left alone once a third is over. */
const STEADY = "two";
const ROUND_MILLIS = 10_000;
const SAMPLE_MILLIS = 10_000;
const WATCH_MILLIS = 100;
const PROBES_A_ROUND = 80;
const FLOWS_A_PAIR = 4;

/** Opens nothing and closes nothing: the cluster is the caller's, and new. */
export async function runSoak(cluster: AgentCluster, options: SoakOptions): Promise<SoakResult> {
  const { minutes, seed, progress, signal } = options;
  // Streams of their own: how often one asks depends on how fast the machine is.
  const [churnRandom, troubleRandom, sampleRandom] = [0, 1, 2].map((i) => createRandom(seed * 3 + i));
  const problems: string[] = [];
  const probes = { passed: 0, denied: 0, repeated: 0 };
  const memory = new Map<string, MemorySample[]>(NODES.map((node) => [node, []]));
  let agentsStarted = 0;
  let agreements = 0;
  let packets: { readonly never: number; readonly always: number } | undefined;
  let guard: Guard | undefined;
  let churn: SoakChurn | undefined;
  let troubles: Troubles | undefined;

  const start = (node: string): void => {
    cluster.startAgent(node);
    agentsStarted++;
  };
  await setStage(cluster);
  for (const node of NODES) start(node);
  await cluster.agreed({ patience: PATIENCE });
  const begun = performance.now();
  const seconds = (): number => (performance.now() - begun) / 1000;
  const isWarm = (): boolean => seconds() > minutes * 20;
  const sampling = setInterval(() => {
    for (const node of NODES) {
      void sampleMemory(cluster.agent(node)).then((sample) => {
        if (sample !== undefined && isWarm()) memory.get(node)!.push(sample);
      });
    }
  }, SAMPLE_MILLIS);

  // Whoever looks for the reason of a loss wants to know when it was.
  let worst: Readonly<Record<string, number>> = {};
  const watching = setInterval(() => {
    const now = guard?.missing() ?? {};
    for (const [pair, missing] of Object.entries(now)) {
      if (missing <= (worst[pair] ?? 0)) continue;
      progress(
        `${seconds().toFixed(2)} s (${new Date().toISOString()}): ${missing} packets are missing: ${pair}`,
      );
    }
    worst = now;
  }, WATCH_MILLIS);

  /** Stands still until all agree, and asks packets. */
  const check = async (): Promise<void> => {
    await cluster.agreed({ patience: PATIENCE });
    agreements++;
    await guard!.check();
    const { engine } = await readModel(cluster.kubeconfig);
    const sample = await probeSample(cluster, engine, sampleRandom!, PROBES_A_ROUND);
    for (const key of ["passed", "denied", "repeated"] as const) probes[key] += sample[key];
    if (sample.wrong.length > 0) progress(`kept: ${await keepEvidence(cluster)}`);
    if (sample.wrong.length > 0) throw new Error(`packets and engine disagree: ${sample.wrong.join("; ")}`);
    const failures = churn!.takeFailures();
    if (failures.length > 0) throw new Error(`changes failed: ${failures.join("; ")}`);
  };
  const round = async (): Promise<void> => {
    const end = performance.now() + ROUND_MILLIS;
    const count = troubleRandom!.int(0, 2);
    for (let made = 0; made < count; made++) {
      await sleep(troubleRandom!.int(0, ROUND_MILLIS / 4));
      const [from, kind] = [new Date(), await troubles!.make()];
      progress(`${from.toISOString()} - ${new Date().toISOString()}: ${kind}`);
    }
    await sleep(Math.max(0, end - performance.now()));
    await churn!.rest(check);
  };

  try {
    guard = await cluster.guard(GUARDED);
    churn = await startSoakChurn(cluster, churnRandom!);
    troubles = createTroubles({
      cluster,
      guard,
      churn,
      random: troubleRandom!,
      start,
      mayEnd: () => (isWarm() ? NODES.filter((node) => node !== STEADY) : NODES),
    });
    while (seconds() < minutes * 60 && !signal.aborted) {
      await round();
      progress(
        `${Math.round(seconds())} s: ${churn.made} changes, ${sum(troubles.kinds)} troubles, ${agreements} agreements, probes ${JSON.stringify(probes)}, memory ${JSON.stringify(NODES.map((node) => memory.get(node)!.at(-1)?.rss ?? 0).map(Math.round))} MiB`,
      );
    }
    await churn.close();
    await check();
    packets = await guard.finish();
  } catch (error) {
    const { message } = error as Error;
    problems.push(message);
    progress(
      `${(error as Error).stack}\n${String((error as Error).cause ?? "")}\n${await cluster.diagnostics()}`,
    );
    await churn?.close();
  } finally {
    clearInterval(sampling);
    clearInterval(watching);
  }

  const courses = Object.fromEntries(NODES.map((node) => [node, memoryCourse(memory.get(node)!)]));
  const growing = memoryProblem(courses[STEADY]!);
  if (growing !== undefined) problems.push(`the agent of node ${STEADY}: ${growing}`);
  const made = churn?.made ?? 0;
  return {
    seed,
    seconds: Math.round(seconds()),
    problems,
    changes: { all: made, ...churn?.kinds },
    changesPerSecond: Math.round((made / seconds()) * 10) / 10,
    troubles: { all: sum(troubles?.kinds ?? {}), ...troubles?.kinds },
    agreements,
    probes,
    packets: {
      ...(packets === undefined ? {} : { ...packets, wronglyDropped: 0 }),
      leaked: guard?.leaked() ?? 0,
      withoutRules: troubles?.meanwhile ?? { passed: 0, dropped: 0 },
    },
    heldConnections: GUARDED.always.length * FLOWS_A_PAIR,
    agentsStarted,
    memory: courses,
  };
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}
