import {
  ALL_PORTS,
  intersectPorts,
  NO_PORTS,
  type PortSet,
  subtractPorts,
  unionPorts,
} from "../net/port-set.ts";
import type { Action, Tier } from "../policy/policy.ts";

/** A rule that holds for a pair of ends, with the ports that it names towards the destination. */
export interface MatchingRule {
  readonly tier: Tier;
  readonly action: Action;
  readonly ports: PortSet;
}

/**
 * What one direction of a pod lets pass to or from one peer: the meaning of the tiers, in one place.
 *
 * `matching` are the rules that hold for the peer, in the order of judgement: Admin, NetworkPolicy, Baseline, in each
 * by priority, name and place. `isolated` is true if a NetworkPolicy isolates the pod for the direction.
 */
export function decidePorts(matching: readonly MatchingRule[], isolated: boolean): PortSet {
  if (matching.length === 0) return isolated ? NO_PORTS : ALL_PORTS;
  const admin = firstMatchTier(matching, "Admin", ALL_PORTS);
  if (isolated) {
    // Rules of NetworkPolicies only add up, and what none of them accepts is denied.
    let accepted = NO_PORTS;
    for (const rule of matching) {
      if (rule.tier === "NetworkPolicy") accepted = unionPorts(accepted, rule.ports);
    }
    return unionPorts(admin.accepted, intersectPorts(admin.undecided, accepted));
  }
  const baseline = firstMatchTier(matching, "Baseline", admin.undecided);
  return unionPorts(unionPorts(admin.accepted, baseline.accepted), baseline.undecided);
}

interface TierVerdict {
  readonly accepted: PortSet;
  /** What is left to whatever comes after the tier. */
  readonly undecided: PortSet;
}

const SILENT: TierVerdict = { accepted: NO_PORTS, undecided: ALL_PORTS };

/** A tier in which the first matching rule decides. What Pass lets go stays undecided for what comes after the tier. */
function firstMatchTier(matching: readonly MatchingRule[], tier: Tier, asked: PortSet): TierVerdict {
  let accepted = NO_PORTS;
  let passed = NO_PORTS;
  let undecided = asked;
  for (const rule of matching) {
    if (rule.tier !== tier) continue;
    const decided = intersectPorts(undecided, rule.ports);
    undecided = subtractPorts(undecided, rule.ports);
    if (rule.action === "Accept") accepted = unionPorts(accepted, decided);
    else if (rule.action === "Pass") passed = unionPorts(passed, decided);
  }
  if (accepted === NO_PORTS && undecided === ALL_PORTS) return SILENT;
  return { accepted, undecided: unionPorts(undecided, passed) };
}
