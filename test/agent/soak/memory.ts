import { readFileSync } from "node:fs";
import type { AgentProcess } from "../harness/agent-process.ts";

/** What a process held at one time, in MiB. */
export interface MemorySample {
  readonly pid: number;
  /** Of what the kernel counts: VmRSS. */
  readonly rss: number;
  /** Of V8's heap, garbage included, as `/metrics` tells. */
  readonly heap: number;
}

/** How the memory of one process went, in MiB: of each third of its samples. */
export interface MemoryCourse {
  readonly samples: number;
  /** Medians. */
  readonly rss: readonly number[];
  /** The least, which is what is left when garbage has just been collected. */
  readonly heap: readonly number[];
  readonly highestRss: number;
}

const MEBI = 1024 * 1024;

/** Looks at an agent; undefined if it does not answer at the moment. */
export async function sampleMemory(agent: AgentProcess): Promise<MemorySample | undefined> {
  try {
    const kibis = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${agent.pid}/status`, "utf8"));
    const { text } = await agent.get("/metrics");
    const bytes = /^nodejs_heap_size_used_bytes (\S+)$/m.exec(text);
    if (kibis === null || bytes === null) return undefined;
    return { pid: agent.pid, rss: Number(kibis[1]) / 1024, heap: Number(bytes[1]) / MEBI };
  } catch {
    // It has ended, or is just starting.
    return undefined;
  }
}

/** The course of the process that was there last. */
export function memoryCourse(samples: readonly MemorySample[]): MemoryCourse {
  const { pid } = samples.at(-1) ?? { pid: 0 };
  const own = samples.filter((sample) => sample.pid === pid);
  const size = Math.ceil(own.length / 3);
  const thirds = own.length < 3 ? [] : [0, 1, 2].map((i) => own.slice(i * size, (i + 1) * size));
  return {
    samples: own.length,
    rss: thirds.map((third) => rounded(median(third.map(({ rss }) => rss)))),
    heap: thirds.map((third) => rounded(Math.min(...third.map(({ heap }) => heap)))),
    highestRss: rounded(Math.max(0, ...own.map(({ rss }) => rss))),
  };
}

/** Less says nothing: V8 has not yet collected what is old. */
const FEWEST_SAMPLES = 30;
/**
 * How much the last third may be above the first, in MiB. The cluster stays of the same size, so that what a process needs
 * does not grow, and what leaks leaks with every change: 10 KB a change would be some 20 MiB between two of these thirds.
 * Less than that cannot be told from V8, which lets 50 MiB of garbage and more lie about before it collects it, and does
 * that at other times whenever it runs.
 */
const MOST_RSS_GROWTH = 20;
const MOST_HEAP_GROWTH = 10;

/** What is wrong with a course: memory that grows. Undefined if nothing is, or if it is too short to tell. */
export function memoryProblem({ samples, rss, heap }: MemoryCourse): string | undefined {
  if (samples < FEWEST_SAMPLES) return undefined;
  const growth = (thirds: readonly number[]): number => thirds[2]! - thirds[0]!;
  if (growth(rss) > MOST_RSS_GROWTH) return `RSS grows: ${rss.join(", ")} MiB`;
  if (growth(heap) > MOST_HEAP_GROWTH) return `the heap grows: ${heap.join(", ")} MiB`;
  return undefined;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1]!;
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}
