import type { Failure, Measure } from "../result.ts";

/** What is measured of commands that people run on manifests, each from its start to its end, in the order of the tables. */
export const COMMANDS = {
  read: "reading alone: podwall explain, of pods that are not there",
  check: "podwall check",
  diff: "podwall diff",
} as const;

export type CommandName = keyof typeof COMMANDS;

/** Commands on manifests of the size of profile a. */
export interface AuthoringResult {
  readonly pods: number;
  readonly policies: number;
  readonly megabytes: number;
  /** Policies that differ between the two clusters that are compared. */
  readonly changedPolicies: number;
  readonly commands: Partial<Record<CommandName, CommandResult>>;
  readonly failures: readonly Failure[];
}

export interface CommandResult {
  readonly time: Measure;
  /** The median of the ratios to reading alone, within rounds; what slows the whole machine down cancels out. */
  readonly toRead: number;
}
