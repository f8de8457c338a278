import { DEFAULT_ENFORCEMENT, type EnforcementConfig } from "../dataplane/config.ts";
import type { InputOptions } from "./input.ts";

/** The options of `podwall lab`, as they are handed to the process inside the sandbox. */
export interface LabOptions extends InputOptions {
  readonly external?: readonly string[];
  /** How many nodes the pods whose manifests name none are spread over. */
  readonly nodes: number;
  readonly deny: EnforcementConfig["deny"];
  readonly audit?: boolean;
  /**
   * Which flows are printed as they come. They go to standard error, a line each, so that standard output holds the
   * report alone: with `-o json` the one document that a program reads from a pipe. Each line is then a JSON object, and
   * no other line there begins with a brace.
   */
  readonly flows?: "denied" | "all";
  readonly closedAtBirth: boolean;
  readonly showRules?: boolean;
  readonly keep?: boolean;
  readonly output: "text" | "json";
}

/** What the options say of enforcement. */
export function enforcementOf({ deny, audit, flows, closedAtBirth }: LabOptions): EnforcementConfig {
  return { ...DEFAULT_ENFORCEMENT, deny, audit: audit === true, flows: flows ?? "none", closedAtBirth };
}

/** What the process inside tells the one outside. */
export type LabMessage = { readonly kind: "up"; readonly pods: Readonly<Record<string, string>> };
