import { policySubjects } from "../engine/policy-subjects.ts";
import type { Finding } from "../k8s/finding.ts";
import type { NodeEnforcement } from "./node-enforcement.ts";
import { sentence } from "./sentence.ts";
import type { PolicyTrouble } from "./telemetry/events/policy-events.ts";

/** Of a policy with errors. Its whole subject is closed where not even its rules can be told apart. */
export const NOT_UNDERSTOOD = "not all of it is understood, and what is not lets nothing pass";

/** What is wrong with the policies that this node has pods of. `findings` are errors, by policy. */
export function wrongPolicies(
  node: string,
  { engines, dataplane }: Pick<NodeEnforcement, "engines" | "dataplane">,
  findings: ReadonlyMap<string, readonly Finding[]>,
): Map<string, PolicyTrouble> {
  const troubles = new Map<string, PolicyTrouble>();
  const problems = dataplane?.enforcer.inForce().problems ?? [];
  if (findings.size === 0 && problems.length === 0) return troubles;
  for (const { policies, message, outcome } of problems) {
    const meanwhile =
      outcome === "closed"
        ? "The pods concerned are closed there until the kernel takes them."
        : "What was in force before stays in force there.";
    for (const policy of policies) {
      troubles.set(policy, { reason: "PolicyNotEnforced", message: `${sentence(message)} ${meanwhile}` });
    }
  }
  const subjects = engines === undefined ? undefined : policySubjects(engines.engine, node);
  for (const [policy, found] of findings) {
    // The nodes without its pods would say the same, all at once.
    if (subjects?.has(policy) !== true) continue;
    troubles.set(policy, { reason: "PolicyNotUnderstood", message: notUnderstood(found) });
  }
  return troubles;
}

/** That a policy is not understood, with the reasons. */
export function notUnderstood(findings: readonly Finding[]): string {
  return `${NOT_UNDERSTOOD}: ${findings.map(({ message }) => sentence(message)).join(" ")}`;
}
