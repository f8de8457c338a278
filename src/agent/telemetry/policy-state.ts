import type { AgentTrouble, PolicyStatus } from "../agent-status.ts";

/**
 * What became of a policy on a node; each policy is in exactly one state. `broken`: it cannot be understood, so the pods
 * that it selects are closed. `not-enforced`: nft refused it, or its last version is not in force yet. `audit`: it is in
 * force, and what only it denies is let through. `enforced`: it is in force as written.
 */
export type PolicyState = "enforced" | "audit" | "broken" | "not-enforced";

export const POLICY_STATES: readonly PolicyState[] = ["enforced", "audit", "broken", "not-enforced"];

/** Tells the state of policies, given everything that is wrong now. */
export function policyStates(troubles: readonly AgentTrouble[]): (policy: PolicyStatus) => PolicyState {
  const withCode = (code: AgentTrouble["code"]): Set<string | undefined> =>
    new Set(troubles.filter((trouble) => trouble.code === code).map(({ policy }) => policy));
  const broken = withCode("policy-not-understood");
  const refused = withCode("policy-not-enforced");
  return ({ policy, seen, enforced, audited }) => {
    if (broken.has(policy)) return "broken";
    const isInForce =
      seen?.uid === enforced?.uid &&
      seen?.generation === enforced?.generation &&
      seen?.resourceVersion === enforced?.resourceVersion;
    if (refused.has(policy) || !isInForce) return "not-enforced";
    return audited ? "audit" : "enforced";
  };
}
