import type { Rule } from "../../../policy/policy.ts";
import type { CheckContext, CheckedNetworkPolicy } from "../check.ts";
import { DIRECTIONS } from "../network-policy-rules.ts";

/** A rule of a NetworkPolicy that is in force. */
export interface EffectiveRule {
  readonly checked: CheckedNetworkPolicy;
  readonly rule: Rule;
}

/** The rules of all NetworkPolicies, without those of a direction that the policy is not about: they are ignored. */
export function* effectiveRules({ networkPolicies }: CheckContext): Iterable<EffectiveRule> {
  for (const checked of networkPolicies) {
    for (const direction of DIRECTIONS) {
      if (!checked.policy.isolates[direction]) continue;
      for (const rule of checked.policy.rules[direction]) yield { checked, rule };
    }
  }
}
