import { obstacle } from "../enforcement-latency/measure-latency.ts";
import { runSandboxJob } from "../run-sandbox-job.ts";
import type { MemoryJob } from "./memory-job.ts";
import type { MemoryPiece, MemoryResult, NodeVariant } from "./memory-result.ts";

export interface MemorySetting {
  /** The bundled inside.ts. */
  readonly insideScript: string;
  /** The bundled command line. */
  readonly podwallScript: string;
  readonly quick: boolean;
  /** For one start of an agent; there are several, and the cluster must be created before. */
  readonly timeoutMilliseconds: number;
  readonly progress: (text: string) => void;
}

/** As deploy/chart starts it, and as anybody would. */
const DEPLOYED = {};
const VARIANTS: readonly NodeVariant[] = [
  { title: "as deployed", environment: DEPLOYED, withTraffic: true },
  { title: "Node's defaults", environment: {}, withTraffic: false },
];

const SCHEDULE: Omit<MemoryJob, "podwall"> = {
  kind: "agents",
  sizes: { pods: 100_000, namespaces: 2000, policies: 10_000, nodes: 1000 },
  steps: [20_000, 100_000],
  variants: VARIANTS,
  changes: 1000,
  settleSeconds: 15,
  idleSeconds: 120,
};

const QUICK: Omit<MemoryJob, "podwall"> = {
  ...SCHEDULE,
  sizes: { pods: 1000, namespaces: 20, policies: 100, nodes: 10 },
  steps: [1000],
  changes: 100,
  settleSeconds: 3,
  idleSeconds: 10,
};

/** So many times the longest time of another process. */
const PATIENCE = 6;

/** Measures agents on clusters of a real API server. What cannot be measured is in the result too. */
export async function measureMemory(setting: MemorySetting): Promise<MemoryResult> {
  const reason = obstacle();
  if (reason !== undefined) return { runs: [], failures: [], leftOut: [{ job: "agent memory", reason }] };
  const job: MemoryJob = { ...(setting.quick ? QUICK : SCHEDULE), podwall: setting.podwallScript };
  const { pieces, failure } = await runSandboxJob<MemoryPiece>(job, {
    ...setting,
    about: "agent memory",
    timeoutMilliseconds: setting.timeoutMilliseconds * PATIENCE,
  });
  return { runs: pieces, failures: failure === undefined ? [] : [failure], leftOut: [] };
}
