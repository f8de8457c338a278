import { withoutAudited } from "../cluster/without-audited.ts";
import type { Policy } from "../policy/policy.ts";
import { createEngine, type Engine } from "./engine.ts";
import { type Explanation, explain, type SideExplanation } from "./explain.ts";

/** Adds to an explanation what policies in audit mode make of it. */
export type ExplainAudit = (explanation: Explanation) => Explanation;

/**
 * Finds denied packets that only policies in audit mode stop, and tells those policies as `audited`. As the kernel has
 * it, each side lets pass what all policies allow, and what they allow without those in audit mode. The second engine
 * is made when it is first needed.
 */
export function explainAudit(engine: Engine): ExplainAudit {
  const cluster = withoutAudited(engine.cluster);
  if (cluster === engine.cluster) return (explanation) => explanation;
  let lenient: Engine | undefined;
  return (explanation) => {
    if (explanation.allowed || explanation.noAddress !== undefined) return explanation;
    lenient ??= createEngine(cluster);
    const { from, to, family, traffic } = explanation;
    const without = explain(lenient, from, to, family, traffic);
    const denied = (["egress", "ingress"] as const).filter((direction) => !explanation[direction].allowed);
    if (!denied.every((direction) => without[direction].allowed)) return explanation;
    return { ...explanation, audited: denied.flatMap((direction) => auditedOf(explanation[direction])) };
  };
}

/** The policies in audit mode by which a side is denied: those that deny, or else those that were asked before. */
function auditedOf({ tiers, deniedBy }: SideExplanation): readonly Policy[] {
  if (deniedBy?.policy.audit === true) return [deniedBy.policy];
  const asked = tiers.filter(({ outcome }) => outcome !== "not-asked").flatMap(({ policies }) => policies);
  return asked.filter(({ audit }) => audit);
}
