import type { Policy, Rule } from "../../../../policy/policy.ts";
import { DIRECTIONS } from "../../network-policy-rules.ts";
import type { Covers, PolicyRule } from "../containment/cover.ts";

/** A rule of a cluster-wide policy that is never asked. */
export interface ShadowedRule extends PolicyRule {
  /** For any pod that could exist, or only for those that there are. */
  readonly holds: "always" | "today";
  /** The earlier rules of the tier that decide all that it is about. */
  readonly cover: readonly PolicyRule[];
}

/**
 * The rules of one tier that never decide anything, as earlier rules of the tier always do before. `policies` are in the
 * order of judgement. Between equal priorities that order is not the API's, so that nothing is made of it.
 */
export function* findShadowedRules(
  policies: readonly Policy[],
  always: Covers,
  today: Covers,
): Iterable<ShadowedRule> {
  for (const policy of policies) {
    const before = policies.filter(
      // What is enforced does not count on what is in audit mode.
      (other) => other.priority < policy.priority && (policy.audit || !other.audit),
    );
    const [ever, now] = [before, before].map((others, i) =>
      others.filter((other) => (i === 0 ? always : today).subjectWithin(policy.subject, other.subject)),
    );
    for (const direction of DIRECTIONS) {
      const own = policy.rules[direction];
      for (const [place, rule] of own.entries()) {
        const earlier = (others: readonly Policy[]): PolicyRule[] => [
          ...own.slice(0, place).map((other): PolicyRule => ({ policy, rule: other })),
          ...others.flatMap((other) =>
            other.rules[direction].map((each): PolicyRule => ({ policy: other, rule: each })),
          ),
        ];
        const cover = always.coverOf(policy.subject, rule, earlier(ever!), isAny);
        if (cover !== undefined) {
          yield { policy, rule, holds: "always", cover };
          continue;
        }
        // For pods that are not there, nothing can be told of today.
        if (!today.subjectWithin(policy.subject, policy.subject)) continue;
        const coverToday = today.coverOf(policy.subject, rule, earlier(now!), isAny);
        if (coverToday !== undefined) yield { policy, rule, holds: "today", cover: coverToday };
      }
    }
  }
}

function isAny(): boolean {
  return true;
}

/** True if the rules do the same to what they match, so that it does not matter which of them is asked. */
export function doTheSame(rules: readonly Rule[]): boolean {
  return rules.every(({ action }) => action === rules[0]!.action);
}
