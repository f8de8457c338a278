import type { Failure, Measure } from "../result.ts";
import type { SandboxReporter } from "../run-sandbox-job.ts";
import type { ChangeName } from "./change-result.ts";
import type { PacketComparison } from "./packet-result.ts";

/** What was measured, in words: a name and what is to be said of it. */
export type Facts = readonly (readonly [about: string, words: string])[];

/** What a job inside the sandbox found, in pieces as it goes. */
export interface EnforcementPiece {
  readonly facts?: Facts;
  readonly packets?: readonly PacketComparison[];
  readonly changes?: Partial<Record<ChangeName, Measure>>;
}

export type EnforcementReporter = SandboxReporter<EnforcementPiece>;

/** All that is known about enforcement after a run. */
export interface EnforcementResult {
  readonly facts: Facts;
  readonly packets: readonly PacketComparison[];
  readonly changes: Partial<Record<ChangeName, Measure>>;
  /** What did not come to an end. */
  readonly failures: readonly Failure[];
  /** What cannot be measured here, and why. */
  readonly leftOut: readonly Failure[];
}
