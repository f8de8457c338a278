import { describePolicy } from "../policy/describe.ts";
import type { Policy } from "../policy/policy.ts";

const MOST_POLICIES = 5;

/** What becomes of a packet that only these policies deny. */
export function auditedPacketText(policies: readonly Policy[]): string {
  const are = policies.length === 1 ? "is" : "are";
  return `${listed(policies.map(describePolicy))} ${are} in audit mode: this is logged, and let through.`;
}

/** The note under a map that has policies in audit mode; undefined without any. Takes them as `Kind name`. */
export function auditedMapText(policies: readonly string[]): string | undefined {
  if (policies.length === 0) return undefined;
  const [are, they] = policies.length === 1 ? ["is", "it denies"] : ["are", "they deny"];
  return `${listed(policies)} ${are} in audit mode, but shown as if enforced: what only ${they} is logged, and let through.`;
}

function listed(names: readonly string[]): string {
  const shown = names.length <= MOST_POLICIES ? names : names.slice(0, MOST_POLICIES - 1);
  const more = names.length - shown.length;
  const last = more > 0 ? `${more} more` : shown.at(-1)!;
  const before = more > 0 ? shown : shown.slice(0, -1);
  return before.length === 0 ? last : `${before.join(", ")} and ${last}`;
}
