import { sandboxSupport } from "../../src/lab/sandbox-support.ts";
import { findApiServer } from "../../test/apiserver/binaries.ts";
import { compileGenerator } from "../enforcement/generator.ts";
import type { Failure } from "../result.ts";
import { runSandboxJob } from "../run-sandbox-job.ts";
import type { LatencyJob } from "./latency-job.ts";
import type { LatencyPiece, LatencyResult, LatencySizes } from "./latency-result.ts";

export interface LatencySetting {
  /** The bundled inside.ts. */
  readonly insideScript: string;
  /** Source of the packets' sender, and where its program goes. */
  readonly blastSource: string;
  readonly blastProgram: string;
  /** The bundled command line. */
  readonly podwallScript: string;
  /** Of each kind of change in the cluster that the goals are for. */
  readonly samples: number;
  readonly quick: boolean;
  readonly timeoutMilliseconds: number;
  readonly progress: (text: string) => void;
}

interface MeasuredCluster {
  readonly sizes: LatencySizes;
  readonly hasGoal: boolean;
  /** Of the samples that were asked for. */
  readonly share: number;
}

const LARGE: LatencySizes = { pods: 5000, namespaces: 100, policies: 1000, nodes: 100 };

const CLUSTERS: readonly MeasuredCluster[] = [
  { sizes: LARGE, hasGoal: true, share: 1 },
  // Shows what policies have to do with it.
  { sizes: { ...LARGE, policies: 10 }, hasGoal: false, share: 1 / 4 },
];

const QUICK: readonly MeasuredCluster[] = [
  { sizes: { pods: 500, namespaces: 10, policies: 100, nodes: 10 }, hasGoal: false, share: 1 / 20 },
];

/** Measures from writes to the API to packets. What cannot be measured is in the result too. */
export async function measureLatency(setting: LatencySetting): Promise<LatencyResult> {
  const reason = obstacle();
  if (reason !== undefined) return nothing(reason);
  const blast = compileGenerator(setting.blastSource, setting.blastProgram);
  if ("reason" in blast) return nothing(blast.reason);
  const clusters: LatencyPiece[] = [];
  const failures: Failure[] = [];
  for (const { sizes, hasGoal, share } of setting.quick ? QUICK : CLUSTERS) {
    const job: LatencyJob = {
      kind: `${sizes.pods} pods, ${sizes.policies} policies`,
      blast: blast.program,
      podwall: setting.podwallScript,
      sizes,
      hasGoal,
      samples: Math.max(1, Math.round(setting.samples * share)),
    };
    const { pieces, failure } = await runSandboxJob<LatencyPiece>(job, { ...setting, about: "latency" });
    clusters.push(...pieces);
    if (failure !== undefined) failures.push(failure);
  }
  return { clusters, failures, leftOut: [] };
}

/** Why a cluster with a real API server cannot be had in a sandbox here. */
export function obstacle(): string | undefined {
  const support = sandboxSupport();
  if (!support.ok) return `${support.reason}; ${support.help}`;
  const server = findApiServer();
  return "reason" in server ? server.reason : undefined;
}

function nothing(reason: string): LatencyResult {
  return { clusters: [], failures: [], leftOut: [{ job: "latency", reason }] };
}
