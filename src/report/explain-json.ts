import type { Cluster } from "../cluster/cluster.ts";
import type { End } from "../engine/end.ts";
import type { Explanation, SideExplanation, SideReason } from "../engine/explain.ts";
import { hasClusterPolicies, isTied, type TierOutcome, type TierStep } from "../engine/explain-tiers.ts";
import type { PeerMiss, PortMiss } from "../engine/rule-misses.ts";
import type { RuleReading } from "../engine/rule-reading.ts";
import type { Position } from "../k8s/location.ts";
import { describePolicy, describePortMatch } from "../policy/describe.ts";
import type { Action, Policy, Tier } from "../policy/policy.ts";
import { hasInstead, missPosition, namedPortsText, wantedByPeer } from "./explain-misses.ts";
import {
  endId,
  familiesDiffer,
  hasPriority,
  leadingExplanation,
  peerEnd,
  policyPosition,
  rulePosition,
  unknownField,
} from "./explain-words.ts";

/** `schemas/podwall.explain.v1.schema.json`. */
export interface ExplainDocument extends ExplainFamily {
  readonly schema: "podwall.explain/v1";
  /** One for each family, where they differ. */
  readonly families?: readonly ExplainFamily[];
}

export interface ExplainFamily {
  readonly allowed: boolean;
  readonly from: ExplainEnd;
  readonly to: ExplainEnd & { readonly port?: number; readonly protocol: "TCP" | "UDP" | "SCTP" | "other" };
  readonly family: "IPv4" | "IPv6";
  /** Set where this end has no address of the family. */
  readonly noAddress?: "from" | "to";
  /** Set where it is denied by policies in audit mode alone, so that it is logged and let through: those policies. */
  readonly audited?: readonly ExplainPolicy[];
  readonly egress: ExplainSide;
  readonly ingress: ExplainSide;
}

export interface ExplainEnd {
  readonly id: string;
  readonly kind: "pod" | "address";
  /** `namespace/name[Kind]`. */
  readonly workload?: string;
}

export interface ExplainSide {
  readonly allowed: boolean;
  readonly reason: SideReason;
  /** Set where a policy of Admin or Baseline is about the pod: every tier, in the order of judgement. */
  readonly tiers?: readonly ExplainTier[];
  readonly isolatedBy: readonly ExplainPolicy[];
  readonly allowedBy?: ExplainRule;
  /** The Deny rule of Admin or Baseline that decides. */
  readonly deniedBy?: ExplainRule;
  /** Set where a rule of Admin is final: whether the packet would pass if that rule passed it on. */
  readonly ifPassed?: boolean;
  readonly missed: readonly ExplainMissedRule[];
}

export interface ExplainTier {
  readonly tier: Tier;
  readonly outcome: TierOutcome;
  readonly policies: readonly ExplainPolicy[];
  readonly decidedBy?: ExplainRule;
  readonly missed: readonly ExplainMissedRule[];
  /** Rules behind the one that decided which match too and say otherwise. */
  readonly overruled: readonly ExplainOverruledRule[];
}

/** Line 0 means that there is no text behind the policy. */
export interface ExplainPlace {
  readonly file: string;
  readonly line: number;
}

export interface ExplainPolicy extends ExplainPlace {
  /** `NetworkPolicy shop/db-policy`. */
  readonly policy: string;
  /** Set if the policy could not be understood, so that it closes its pods. */
  readonly broken?: true;
  /** Set if it is in audit mode. */
  readonly audit?: true;
  /** Within its tier, the lowest first. On policies of Admin and Baseline; a BaselineAdminNetworkPolicy has none. */
  readonly priority?: number;
}

export interface ExplainRule extends ExplainPlace {
  readonly policy: string;
  /** Place in its list, from 1. */
  readonly rule: number;
  /** The name that its author gave it. */
  readonly name?: string;
  /** On rules of Admin and Baseline. A rule that fails closed has the action that is left of it. */
  readonly action?: Action;
  /** Set if the rule fails closed: the field that could not be understood. */
  readonly failsClosed?: ExplainPlace & { readonly field: string };
}

export interface ExplainOverruledRule extends ExplainRule {
  /** Set if its policy has the priority of the one that decided, so that the order is by name alone. */
  readonly tied?: true;
}

export interface ExplainMissedRule extends ExplainRule {
  readonly portMatches: boolean;
  readonly peerMatches: boolean;
  readonly peerMisses: readonly ExplainPeerMiss[];
  readonly portMisses: readonly ExplainPortMiss[];
}

export interface ExplainPeerMiss extends ExplainPlace {
  readonly why: PeerMiss["why"];
  readonly wanted: string;
  readonly has: string;
}

export interface ExplainPortMiss {
  readonly why: PortMiss["why"];
  readonly wanted: string;
  /** The ports that the destination pod gives the name that is wanted. */
  readonly means?: string;
}

/**
 * Why a packet passes or not, as a value for JSON. Takes one explanation a family; `allowed` at the top is true
 * if all of them are. With the cluster, labels of namespaces are told too. Throws a RangeError on no explanation.
 */
export function explainJson(explanations: readonly Explanation[], cluster?: Cluster): ExplainDocument {
  const leading = explainFamily(leadingExplanation(explanations), cluster);
  return {
    schema: "podwall.explain/v1",
    ...leading,
    ...(familiesDiffer(explanations)
      ? { families: explanations.map((explanation) => explainFamily(explanation, cluster)) }
      : {}),
  };
}

function explainFamily(explanation: Explanation, cluster: Cluster | undefined): ExplainFamily {
  const { allowed, from, to, traffic, family, noAddress, audited } = explanation;
  return {
    allowed,
    from: explainEnd(from),
    to: {
      ...explainEnd(to),
      ...(traffic.port === undefined ? {} : { port: traffic.port }),
      protocol: traffic.protocol,
    },
    family: `IPv${family}`,
    ...(noAddress === undefined ? {} : { noAddress }),
    ...(audited === undefined ? {} : { audited: audited.map(explainPolicy) }),
    egress: explainSide(explanation, explanation.egress, cluster),
    ingress: explainSide(explanation, explanation.ingress, cluster),
  };
}

function explainEnd(end: End): ExplainEnd {
  const id = endId(end);
  return end.kind === "pod" ? { id, kind: "pod", workload: end.pod.workload } : { id, kind: "address" };
}

function explainSide(
  explanation: Explanation,
  side: SideExplanation,
  cluster: Cluster | undefined,
): ExplainSide {
  const end = peerEnd(explanation, side);
  const explainMissedRule = (reading: RuleReading): ExplainMissedRule => ({
    ...explainRule(reading),
    portMatches: reading.portMatches,
    peerMatches: reading.peerMatches,
    peerMisses: reading.peerMisses.map((miss) => ({
      why: miss.why,
      wanted: wantedByPeer(miss),
      has: hasInstead(miss, end, explanation.family, cluster),
      ...place(missPosition(reading.policy, miss)),
    })),
    portMisses: reading.portMisses.map(explainPortMiss),
  });
  const explainTier = (step: TierStep): ExplainTier => ({
    tier: step.tier,
    outcome: step.outcome,
    policies: step.policies.map(explainPolicy),
    ...(step.decidedBy === undefined ? {} : { decidedBy: explainRule(step.decidedBy) }),
    missed: step.missed.map(explainMissedRule),
    overruled: step.overruled.map((reading) => ({
      ...explainRule(reading),
      ...(isTied(reading, step) ? { tied: true as const } : {}),
    })),
  });
  return {
    allowed: side.allowed,
    reason: side.reason,
    ...(hasClusterPolicies(side.tiers) ? { tiers: side.tiers.map(explainTier) } : {}),
    isolatedBy: side.isolatedBy.map(explainPolicy),
    ...(side.allowedBy === undefined ? {} : { allowedBy: explainRule(side.allowedBy) }),
    ...(side.deniedBy === undefined ? {} : { deniedBy: explainRule(side.deniedBy) }),
    ...(side.ifPassed === undefined ? {} : { ifPassed: side.ifPassed }),
    missed: side.missed.map(explainMissedRule),
  };
}

function explainPortMiss(miss: PortMiss): ExplainPortMiss {
  const means = namedPortsText(miss);
  return {
    why: miss.why,
    wanted: describePortMatch(miss.match),
    ...(means === undefined ? {} : { means }),
  };
}

function explainPolicy(policy: Policy): ExplainPolicy {
  return {
    policy: describePolicy(policy),
    ...place(policyPosition(policy)),
    ...(policy.broken ? { broken: true as const } : {}),
    ...(policy.audit ? { audit: true as const } : {}),
    ...(hasPriority(policy) ? { priority: policy.priority } : {}),
  };
}

function explainRule(reading: RuleReading): ExplainRule {
  const { policy, rule } = reading;
  const unknown = unknownField(reading);
  return {
    policy: describePolicy(policy),
    rule: rule.index + 1,
    ...(rule.name === undefined ? {} : { name: rule.name }),
    ...(policy.tier === "NetworkPolicy" ? {} : { action: rule.action }),
    ...place(rulePosition(reading)),
    ...(unknown === undefined ? {} : { failsClosed: { field: unknown.field, ...place(unknown.place) } }),
  };
}

function place({ file, line }: Position): ExplainPlace {
  return { file, line };
}
