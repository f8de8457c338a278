import type { Policy, Tier } from "../policy/policy.ts";
import type { SidePacket } from "./rule-misses.ts";
import { byNearness, isSubject, type RuleReading, readRule, ruleMatches } from "./rule-reading.ts";

/**
 * What a tier did with a packet: `no-policy` has a rule about the pod in this direction (or, of NetworkPolicy, isolates
 * it); `not-asked`: an earlier tier was final; `no-rule` matches, so that the next tier is asked; `passed`: a rule
 * says that the next tier is to decide. Of NetworkPolicy, `denied` is what no rule accepts.
 */
export type TierOutcome = "no-policy" | "not-asked" | "no-rule" | "passed" | "accepted" | "denied";

/** One tier on the way of a packet. */
export interface TierStep {
  readonly tier: Tier;
  readonly outcome: TierOutcome;
  /** Its policies that are about the pod in this direction, in the order of judgement. */
  readonly policies: readonly Policy[];
  /** The rule that accepted, denied or passed it on. */
  readonly decidedBy?: RuleReading;
  /** The rules that were asked in vain, the nearest to a match first. None where a rule of NetworkPolicy accepts. */
  readonly missed: readonly RuleReading[];
  /**
   * Rules behind the one that decided which match too and say otherwise: of each policy the first that matches. One
   * of equal priority in another policy comes later by its name only.
   */
  readonly overruled: readonly RuleReading[];
}

/** A tier in which the first rule that matches decides. */
export function firstMatchStep(packet: SidePacket, tier: "Admin" | "Baseline"): TierStep {
  const { engine, direction, pod } = packet;
  const policies = engine
    .policiesIn(pod.namespace)
    .filter(
      (policy) =>
        policy.tier === tier && policy.rules[direction].length > 0 && isSubject(engine, policy, pod),
    );
  if (policies.length === 0) return { tier, outcome: "no-policy", policies, missed: [], overruled: [] };
  const readings = readingsOf(packet, policies);
  const place = readings.findIndex(ruleMatches);
  const decidedBy = readings[place];
  if (decidedBy === undefined) {
    return { tier, outcome: "no-rule", policies, missed: byNearness(readings), overruled: [] };
  }
  const missed = byNearness(readings.slice(0, place));
  const overruled = overruledBy(decidedBy, readings.slice(place + 1));
  return { tier, outcome: OUTCOMES[decidedBy.rule.action], policies, decidedBy, missed, overruled };
}

const OUTCOMES = { Accept: "accepted", Deny: "denied", Pass: "passed" } as const;

/** The tier of NetworkPolicy: rules add up, and what none accepts is denied to a pod that is isolated. */
export function networkPolicyStep(packet: SidePacket): TierStep {
  const { engine, direction, pod } = packet;
  const tier = "NetworkPolicy";
  const policies = engine
    .policiesIn(pod.namespace)
    .filter((policy) => policy.tier === tier && policy.isolates[direction] && isSubject(engine, policy, pod));
  if (policies.length === 0) return { tier, outcome: "no-policy", policies, missed: [], overruled: [] };
  const readings = readingsOf(packet, policies);
  const decidedBy = readings.find(ruleMatches);
  return decidedBy === undefined
    ? { tier, outcome: "denied", policies, missed: byNearness(readings), overruled: [] }
    : { tier, outcome: "accepted", policies, decidedBy, missed: [], overruled: [] };
}

/** The step of a tier after one that was final. */
export function notAsked({ tier, outcome, policies }: TierStep): TierStep {
  return {
    tier,
    outcome: outcome === "no-policy" ? outcome : "not-asked",
    policies,
    missed: [],
    overruled: [],
  };
}

/** True if no later tier is asked. */
export function isFinal({ outcome }: TierStep): boolean {
  return outcome === "accepted" || outcome === "denied";
}

/** True if a policy of Admin or Baseline is about the pod. */
export function hasClusterPolicies(tiers: readonly TierStep[]): boolean {
  return tiers.some(({ tier, policies }) => tier !== "NetworkPolicy" && policies.length > 0);
}

/** True if only the names of their policies put a rule behind the one that decided. */
export function isTied({ policy }: RuleReading, { decidedBy }: TierStep): boolean {
  return (
    decidedBy !== undefined && policy !== decidedBy.policy && policy.priority === decidedBy.policy.priority
  );
}

function readingsOf(packet: SidePacket, policies: readonly Policy[]): RuleReading[] {
  return policies.flatMap((policy) =>
    policy.rules[packet.direction].map((rule) => readRule(packet, policy, rule)),
  );
}

function overruledBy(decidedBy: RuleReading, later: readonly RuleReading[]): RuleReading[] {
  const firsts = new Map<Policy, RuleReading>();
  for (const reading of later) {
    if (!ruleMatches(reading) || firsts.has(reading.policy)) continue;
    const isSame = reading.policy === decidedBy.policy && reading.rule.action === decidedBy.rule.action;
    // Behind it in its own policy, the first that says otherwise counts, whatever repeats it before.
    if (!isSame) firsts.set(reading.policy, reading);
  }
  return [...firsts.values()].filter(({ rule }) => rule.action !== decidedBy.rule.action);
}
