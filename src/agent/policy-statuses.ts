import { policySubjects } from "../engine/policy-subjects.ts";
import type { Finding } from "../k8s/finding.ts";
import type { PolicyStatus } from "./agent-status.ts";
import type { NodeEnforcement } from "./node-enforcement.ts";

/** How a node enforces each policy. */
export function policyStatuses(
  node: string,
  { engines, dataplane, ledger }: Pick<NodeEnforcement, "engines" | "dataplane" | "ledger">,
  findings: ReadonlyMap<string, readonly Finding[]>,
): PolicyStatus[] {
  const subjects = engines === undefined ? undefined : policySubjects(engines.engine, node);
  const audited = new Set(
    engines?.engine.policies.filter(({ audit }) => audit).map(({ kind, id }) => `${kind} ${id}`),
  );
  const problems = dataplane?.enforcer.inForce().problems ?? [];
  return [...ledger.entries()].map(([policy, entry]) => ({
    policy,
    ...entry,
    localPods: subjects?.get(policy) ?? 0,
    audited: audited.has(policy),
    troubles: [
      ...(findings.get(policy) ?? []).map(({ message }) => message),
      ...problems.filter(({ policies }) => policies.includes(policy)).map(({ message }) => message),
    ],
  }));
}
