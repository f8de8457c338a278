import type { Cluster } from "../cluster/cluster.ts";
import { pathInWords } from "../k8s/check.ts";
import type { Finding } from "../k8s/finding.ts";
import type { Direction } from "../k8s/objects.ts";
import { type ClusterEnds, clusterEnds } from "./cluster-ends.ts";
import { describePolicy } from "./describe.ts";
import { policiesOf } from "./policies.ts";
import type { Policy, Rule } from "./policy.ts";
import { type Effect, effectOf, type RuleReach, reachesMeet, reachOf, sameReaches } from "./rule-reach.ts";
import { type SpannedBits, spansMeet } from "./spanned-bits.ts";

const DIRECTIONS: readonly Direction[] = ["ingress", "egress"];

/**
 * Warns of policies of a tier that have the same priority where the order between them matters: they share a pod, and
 * rules of theirs that do different things can match the same traffic. Each policy is reported once, with the first of
 * those before it. Broken policies are left out: what they mean has to be found out first.
 */
export function equalPriorityFindings(cluster: Cluster): Finding[] {
  if (cluster.clusterPolicies.length < 2) return [];
  const groups = new Map<string, Policy[]>();
  for (const policy of policiesOf(cluster)) {
    if (policy.tier === "NetworkPolicy" || policy.broken) continue;
    const key = `${policy.tier} ${policy.priority}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [policy]);
    else group.push(policy);
  }
  const findings: Finding[] = [];
  let ends: ClusterEnds | undefined;
  for (const group of groups.values()) {
    if (group.length < 2) continue;
    ends ??= clusterEnds(cluster);
    findings.push(...findingsOfGroup(group, ends));
  }
  return findings;
}

/** A policy, and what is asked of it for each other policy of its priority. */
interface Candidate {
  readonly policy: Policy;
  readonly subject: SpannedBits;
  /** The effects of the rules, as the sum of their {@link EFFECT_BITS}. */
  readonly effects: Readonly<Record<Direction, number>>;
  readonly reaches: (direction: Direction) => readonly RuleReach[];
}

const EFFECT_BITS: Readonly<Record<Effect, number>> = { accept: 1, deny: 2, pass: 4 };

function findingsOfGroup(group: readonly Policy[], ends: ClusterEnds): Finding[] {
  const candidates = group.map((policy) => candidateOf(policy, ends));
  return candidates.flatMap((later, index) => {
    for (let i = 0; i < index; i++) {
      const conflict = conflictOf(candidates[i]!, later);
      if (conflict !== undefined) return [findingOf(candidates[i]!.policy, later.policy, conflict)];
    }
    return [];
  });
}

function candidateOf(policy: Policy, ends: ClusterEnds): Candidate {
  const effects = (direction: Direction): number =>
    policy.rules[direction].reduce((sum, rule) => sum | EFFECT_BITS[effectOf(rule, policy.tier)], 0);
  const known: Partial<Record<Direction, readonly RuleReach[]>> = {};
  return {
    policy,
    subject: ends.podsOf(policy.subject),
    effects: { ingress: effects("ingress"), egress: effects("egress") },
    reaches(direction) {
      known[direction] ??= policy.rules[direction].map((rule) => reachOf(rule, policy.tier, ends));
      return known[direction];
    },
  };
}

/** Two rules between which the order decides. */
interface Conflict {
  readonly earlier: Rule;
  readonly later: Rule;
}

function conflictOf(earlier: Candidate, later: Candidate): Conflict | undefined {
  for (const direction of DIRECTIONS) {
    if (!differ(earlier.effects[direction], later.effects[direction])) continue;
    if (!spansMeet(earlier.subject, later.subject)) return undefined;
    const [reaches, others] = [earlier.reaches(direction), later.reaches(direction)];
    const conflict = conflictingRules(reaches, others);
    if (conflict !== undefined && !sameReaches(reaches, others)) return conflict;
  }
  return undefined;
}

function conflictingRules(reaches: readonly RuleReach[], others: readonly RuleReach[]): Conflict | undefined {
  for (const reach of reaches) {
    for (const other of others) {
      if (other.effect !== reach.effect && reachesMeet(reach, other)) {
        return { earlier: reach.rule, later: other.rule };
      }
    }
  }
  return undefined;
}

/** True if both have rules, and not all of these have the same effect. */
function differ(a: number, b: number): boolean {
  const all = a | b;
  return a !== 0 && b !== 0 && (all & (all - 1)) !== 0;
}

function findingOf(earlier: Policy, later: Policy, conflict: Conflict): Finding {
  const ruleWords = (policy: Policy, rule: Rule): string =>
    `${pathInWords(rule.path)} of ${policy.id} (${rule.action})`;
  return {
    code: "equal-priorities",
    severity: "warning",
    position: later.origin.position(["spec", "priority"]),
    object: describePolicy(later),
    message:
      `priority ${later.priority} of tier ${later.tier} is also that of ${describePolicy(earlier)}, and some traffic of ` +
      `the same pods can match ${ruleWords(earlier, conflict.earlier)} and ${ruleWords(later, conflict.later)}. ` +
      "Kubernetes leaves open which policy is judged first; " +
      `podwall goes by their names, so ${earlier.id} is judged before ${later.id}.`,
    help: "Give each a priority of its own; the lower is judged first.",
  };
}
