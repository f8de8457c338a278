import type { Cluster } from "../cluster/cluster.ts";
import type { Explanation, SideExplanation } from "../engine/explain.ts";
import { isTied } from "../engine/explain-tiers.ts";
import type { PeerMiss } from "../engine/rule-misses.ts";
import type { RuleReading } from "../engine/rule-reading.ts";
import type { LabelSelectorRequirement } from "../k8s/objects.ts";
import { describePolicy } from "../policy/describe.ts";
import type { Policy } from "../policy/policy.ts";
import { blockOf, labelChange, labelsToSelect, portChange, portsField } from "./explain-change.ts";
import { nearestPeerMisses } from "./explain-misses.ts";
import {
  endId,
  fileAndLine,
  hasPriority,
  peerEnd,
  podAtEnd,
  ruleOfPolicy,
  ruleTitle,
  trafficText,
  unknownField,
} from "./explain-words.ts";

/** What to change so that the packet passes a side at which a rule of Admin or Baseline denies it. */
export function tierRemedy(
  explanation: Explanation,
  side: SideExplanation,
  cluster: Cluster | undefined,
): string | undefined {
  const decider = side.deniedBy;
  if (decider === undefined) return undefined;
  const { policy } = decider;
  if (policy.broken) {
    return `To allow it, correct ${describePolicy(policy)} first: what is wrong with it is printed when it is read.`;
  }
  const lead = policy.tier === "Admin" ? "A NetworkPolicy cannot override a rule of Admin. " : "";
  const options = [
    correction(decider),
    promotion(side),
    missChange(explanation, side, cluster),
    policy.tier === "Baseline" ? networkPolicyToAdd(explanation, side, cluster) : undefined,
    ruleToAdd(explanation, side, decider, cluster),
  ].filter((option) => option !== undefined);
  if (options.length <= 1) return options.length === 0 ? undefined : `${lead}To allow it, ${options[0]}.`;
  // They are long, and some have an "or" of their own.
  return [`${lead}To allow it, do one of these:`, ...options.map((option) => `    - ${option}`)].join("\n");
}

/** For a rule that fails closed: what to correct. */
function correction(decider: RuleReading): string | undefined {
  const unknown = unknownField(decider);
  if (unknown === undefined) return undefined;
  return `write ${unknown.field} (${fileAndLine(unknown.place)}) in fields that are known here`;
}

/** A rule that would let it pass, but comes too late. */
function promotion(side: SideExplanation): string | undefined {
  const step = side.tiers.find(({ outcome }) => outcome === "denied");
  const late = step?.overruled.find(({ rule }) => letsPass(rule.action, side));
  const decider = side.deniedBy;
  if (step === undefined || late === undefined || decider === undefined) return undefined;
  if (late.policy === decider.policy) return `move ${ruleTitle(late)} before ${ruleTitle(decider)}`;
  const { priority } = decider.policy;
  // Nothing is below 0, and the baseline of the older kind has no priority to change.
  if (priority === 0 && !isTied(late, step)) return undefined;
  if (priority === 0) return `give ${describePolicy(decider.policy)} a priority above 0`;
  if (late.policy.kind === "BaselineAdminNetworkPolicy") return undefined;
  return `give ${describePolicy(late.policy)} a priority below ${priority}`;
}

/** A Pass helps only where what comes after the tier allows the packet. */
function letsPass(action: "Accept" | "Deny" | "Pass", { ifPassed }: SideExplanation): boolean {
  // After Baseline everything is allowed.
  return action === "Accept" || (action === "Pass" && ifPassed !== false);
}

/** What makes the nearest rule match that stands before the one that denies. */
function missChange(
  explanation: Explanation,
  side: SideExplanation,
  cluster: Cluster | undefined,
): string | undefined {
  const nearest = side.missed.find(
    ({ rule }) => rule.failsClosed === undefined && letsPass(rule.action, side),
  );
  if (nearest === undefined) return undefined;
  const changes: string[] = [];
  const [miss] = nearestPeerMisses(nearest.peerMisses);
  if (miss !== undefined) {
    const change = peerChange(miss, nearest, explanation, side, cluster);
    if (change === undefined) return undefined;
    changes.push(change);
  }
  if (!nearest.portMatches) {
    // No list of ports can hold a protocol without ports.
    if (explanation.traffic.protocol === "other") return undefined;
    changes.push(portChange(nearest, explanation, cluster));
  }
  return changes.join(" and ");
}

function peerChange(
  miss: PeerMiss,
  reading: RuleReading,
  explanation: Explanation,
  side: SideExplanation,
  cluster: Cluster | undefined,
): string | undefined {
  const end = peerEnd(explanation, side);
  const pod = podAtEnd(end, cluster);
  const id = pod?.id ?? endId(end);
  switch (miss.why) {
    case "pod-labels":
      return labelChange([[`pod ${id}`, miss.unmet]]);
    case "namespace-labels":
      if (isFixed(miss.unmet) || pod === undefined) return undefined;
      return labelChange([
        [`namespace ${pod.namespace}`, miss.unmet],
        [`pod ${id}`, miss.podUnmet],
      ]);
    case "node-labels":
      return labelChange([[`node ${miss.node}`, miss.unmet]]);
    case "outside-block":
    case "other-family":
      return `add ${blockOf(end, explanation.family)} to the networks of ${ruleOfPolicy(reading)}`;
    case "excepted":
    case "other-namespace":
    case "host-network":
    case "not-a-pod":
    case "not-a-node":
    case "unresolved":
      return undefined;
  }
}

/** The API server keeps this label equal to the name, so it cannot be changed. */
function isFixed(unmet: readonly LabelSelectorRequirement[]): boolean {
  return unmet.some(({ key }) => key === "kubernetes.io/metadata.name");
}

/** Baseline is asked only about pods that no NetworkPolicy isolates. */
function networkPolicyToAdd(
  explanation: Explanation,
  side: SideExplanation,
  cluster: Cluster | undefined,
): string {
  const { from, to } = explanation;
  const isIngress = side.direction === "ingress";
  const subject = isIngress ? to : from;
  const id = podAtEnd(subject, cluster)?.id ?? endId(subject);
  const closed = isIngress ? "entering" : "leaving";
  return `add a NetworkPolicy that allows it (which isolates ${id}: whatever else is to keep ${closed} has to be in one too)`;
}

/** A new rule before the one that denies; undefined where no peer can select the other end. */
function ruleToAdd(
  explanation: Explanation,
  side: SideExplanation,
  decider: RuleReading,
  cluster: Cluster | undefined,
): string | undefined {
  const peer = peerToAdd(explanation, side, cluster);
  if (peer === undefined) return undefined;
  const { policy } = decider;
  const { traffic } = explanation;
  const action = isOlderKind(policy) ? "an Allow" : "an Accept";
  const pass = side.ifPassed === true ? " (or Pass)" : "";
  const ports = traffic.protocol === "other" ? `without ${portsField(policy)}` : trafficText(traffic);
  const hasEarlier = hasPriority(policy) && policy.priority > 0;
  const earlier = hasEarlier ? `, or in a policy of a priority below ${policy.priority}` : "";
  const place = `before ${ruleOfPolicy(decider)}${earlier}`;
  return `add ${action}${pass} rule ${peer}, ${ports}, ${place}`;
}

function isOlderKind(policy: Policy): boolean {
  return policy.kind === "AdminNetworkPolicy" || policy.kind === "BaselineAdminNetworkPolicy";
}

function peerToAdd(
  explanation: Explanation,
  side: SideExplanation,
  cluster: Cluster | undefined,
): string | undefined {
  const end = peerEnd(explanation, side);
  const isIngress = side.direction === "ingress";
  const pod = podAtEnd(end, cluster);
  if (pod === undefined || pod.hostNetwork) {
    return isIngress ? undefined : `to networks ${blockOf(end, explanation.family)}`;
  }
  const labels = labelsToSelect([], pod.labels);
  const pods = labels === undefined ? "the pods" : `pods ${labels}`;
  return `${isIngress ? "from" : "to"} ${pods} of namespace ${pod.namespace}`;
}
