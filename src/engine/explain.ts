import type { Direction } from "../k8s/objects.ts";
import type { Family } from "../net/address.ts";
import type { Traffic } from "../net/port-set.ts";
import type { Policy, Tier } from "../policy/policy.ts";
import { type End, seenEnd } from "./end.ts";
import { type Engine, type Exemption, exemption } from "./engine.ts";
import { firstMatchStep, isFinal, networkPolicyStep, notAsked, type TierStep } from "./explain-tiers.ts";
import type { SidePacket } from "./rule-misses.ts";
import type { RuleReading } from "./rule-reading.ts";

/** Why a packet may pass, or not: both sides, derived anew from the policies and never from the fast path. */
export interface Explanation {
  readonly from: End;
  readonly to: End;
  readonly family: Family;
  readonly traffic: Traffic;
  readonly allowed: boolean;
  /** Set where an end has no address of the family, so that there is nothing to judge. */
  readonly noAddress?: "from" | "to";
  /**
   * Set where it is denied by policies in audit mode alone, so that it is logged and let through: those policies. By
   * `explainAudit`, where it was asked.
   */
  readonly audited?: readonly Policy[];
  readonly egress: SideExplanation;
  readonly ingress: SideExplanation;
}

/** One side: what leaves the source, or what enters the destination. */
export interface SideExplanation {
  readonly direction: Direction;
  readonly allowed: boolean;
  readonly reason: SideReason;
  /** What Admin, NetworkPolicy and Baseline did, in this order; empty where no policy is asked at all. */
  readonly tiers: readonly TierStep[];
  /** The NetworkPolicies that isolate the pod for this direction, also where Admin decides before them. */
  readonly isolatedBy: readonly Policy[];
  /** The rule that lets the packet pass. */
  readonly allowedBy?: RuleReading;
  /** The Deny rule that decides. */
  readonly deniedBy?: RuleReading;
  /** Set where a rule of Admin is final: what would become of the packet if that rule passed it on. */
  readonly ifPassed?: boolean;
  /** If denied: every rule of the tier that decided which could have let it pass, the nearest first. */
  readonly missed: readonly RuleReading[];
}

/**
 * `outside`: no pod, so no policy speaks. `open`: no NetworkPolicy isolates the pod, and no rule of another tier
 * decides. `rule`, `no-rule`: a NetworkPolicy isolates it, and a rule allows the packet or none does. `accepted`,
 * `denied`: a rule of Admin or Baseline decides.
 */
export type SideReason =
  | "outside"
  | "host-network"
  | Exemption
  | "open"
  | "rule"
  | "no-rule"
  | "accepted"
  | "denied"
  | "no-address";

/** Explains a packet. Its verdict and {@link Engine.allows} must agree, which tests hold. */
export function explain(engine: Engine, from: End, to: End, family: Family, traffic: Traffic): Explanation {
  const source = seenEnd(from, family, engine.addresses);
  const destination = seenEnd(to, family, engine.addresses);
  if (source === undefined || destination === undefined) {
    const noAddress = source === undefined ? "from" : "to";
    const egress = unasked("egress", "no-address", false);
    const ingress = unasked("ingress", "no-address", false);
    return { from, to, family, traffic, allowed: false, noAddress, egress, ingress };
  }
  const sideOf = (direction: Direction, asked: End): SideExplanation => {
    const exempt = exemption(direction, source, destination, engine.addresses);
    if (exempt !== undefined) return unasked(direction, exempt, true);
    const [subject, peer] = direction === "egress" ? [source, destination] : [destination, source];
    if (subject.kind === "address") {
      const isHostNetworkPod = asked.kind === "pod" && asked.pod.hostNetwork;
      return unasked(direction, isHostNetworkPod ? "host-network" : "outside", true);
    }
    return explainSide({ engine, direction, pod: subject.pod, peer, destination, family, traffic });
  };
  const egress = sideOf("egress", from);
  const ingress = sideOf("ingress", to);
  return { from, to, family, traffic, allowed: egress.allowed && ingress.allowed, egress, ingress };
}

/** A side at which no policy is asked. */
function unasked(direction: Direction, reason: SideReason, allowed: boolean): SideExplanation {
  return { direction, allowed, reason, tiers: [], isolatedBy: [], missed: [] };
}

function explainSide(packet: SidePacket): SideExplanation {
  const { direction } = packet;
  const admin = firstMatchStep(packet, "Admin");
  const networkPolicy = networkPolicyStep(packet);
  const baseline = firstMatchStep(packet, "Baseline");
  const isolatedBy = networkPolicy.policies;

  const afterAdmin = [networkPolicy, baseline].find(isFinal);
  const tiers = isFinal(admin)
    ? [admin, notAsked(networkPolicy), notAsked(baseline)]
    : [admin, networkPolicy, isFinal(networkPolicy) ? notAsked(baseline) : baseline];
  const final = isFinal(admin) ? admin : afterAdmin;
  if (final === undefined) {
    return { direction, allowed: true, reason: "open", tiers, isolatedBy, missed: [] };
  }
  const allowed = final.outcome === "accepted";
  const { decidedBy } = final;
  return {
    direction,
    allowed,
    reason: reasonOf(final.tier, allowed),
    tiers,
    isolatedBy,
    ...(decidedBy === undefined ? {} : { [allowed ? "allowedBy" : "deniedBy"]: decidedBy }),
    ...(final === admin ? { ifPassed: afterAdmin?.outcome !== "denied" } : {}),
    missed: allowed ? [] : final.missed.filter(({ rule }) => rule.action !== "Deny"),
  };
}

function reasonOf(tier: Tier, allowed: boolean): SideReason {
  if (tier === "NetworkPolicy") return allowed ? "rule" : "no-rule";
  return allowed ? "accepted" : "denied";
}
