import type { ClusterPolicy } from "../k8s/objects.ts";
import { closingRule, subjectSelection } from "./cluster-policy-rule.ts";
import type { Policy, Tier } from "./policy.ts";

/** What the kinds of cluster-wide policy have in common in the IR. They isolate nothing: only their rules decide. */
export function clusterPolicyOf(
  source: ClusterPolicy,
  tier: Tier,
  priority: number,
  rules: Policy["rules"],
): Policy {
  const { kind, name, broken, closes, origin } = source;
  const closed = (direction: "ingress" | "egress"): Policy["rules"]["ingress"] =>
    closes.includes(direction) ? [closingRule(direction)] : [];
  return {
    kind,
    id: name,
    tier,
    priority,
    subject: subjectSelection(source.spec.subject),
    isolates: { ingress: false, egress: false },
    rules: broken ? { ingress: closed("ingress"), egress: closed("egress") } : rules,
    broken,
    audit: source.audit === true,
    origin,
  };
}
