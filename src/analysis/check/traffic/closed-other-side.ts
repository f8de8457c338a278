import type { Finding } from "../../../k8s/finding.ts";
import type { FieldPath } from "../../../k8s/location.ts";
import { describePolicy, describePortMatch } from "../../../policy/describe.ts";
import type { PodPeer, Policy, Rule } from "../../../policy/policy.ts";
import { type Check, type CheckContext, type CheckedNetworkPolicy, findingOf } from "../check.ts";
import { writtenPeers } from "../network-policy-rules.ts";
import { countOf, listOf, workloadsOf } from "../words.ts";
import { type EffectiveRule, effectiveRules } from "./effective-rules.ts";
import { type Example, type KeptOutBy, keptOutBy, meetingOf, otherSide } from "./meeting.ts";
import { namesPods, podGroup } from "./pod-groups.ts";

/** A connection needs both sides: a rule on one does nothing while the other stays closed. */
export const closedOtherSide: Check = {
  codes: ["egress-meets-closed-ingress", "ingress-meets-closed-egress"],
  *run(context) {
    for (const effective of effectiveRules(context)) {
      const { rule, checked } = effective;
      if (rule.peers === "everyone") continue;
      const subjects = podGroup(context, checked.policy.subject);
      const closed: ClosedPeer[] = [];
      let isUseful = false;
      for (const peer of rule.peers) {
        if (peer.kind !== "pods" || !namesPods(peer.selection)) {
          isUseful = true;
          continue;
        }
        const meeting = meetingOf(context, rule, subjects, podGroup(context, peer.selection));
        if (meeting.kind === "kept-out") closed.push({ peer, example: meeting.example });
        else if (meeting.kind === "passes") isUseful = true;
      }
      const [first, ...others] = closed;
      if (first === undefined) continue;
      const keptOut = keptOutBy(context, rule, first.example);
      // What is wrong was told when that policy was read.
      if (keptOut.how === "broken") continue;
      yield finding(context, effective, [first, ...others], keptOut, isUseful);
    }
  },
};

/** A peer that keeps out all that a rule allows. */
interface ClosedPeer {
  readonly peer: PodPeer;
  readonly example: Example;
}

function finding(
  context: CheckContext,
  { checked, rule }: EffectiveRule,
  closed: readonly [ClosedPeer, ...ClosedPeer[]],
  keptOut: KeptOutBy,
  isUseful: boolean,
): Finding {
  const { policy } = checked;
  const side = otherSide(rule.direction);
  const subjects = podGroup(context, policy.subject).pods;
  const peers = [...new Set(closed.flatMap(({ peer }) => podGroup(context, peer.selection).pods))];
  const whom = `${workloadsOf(peers)} (${countOf(peers.length, "pod")})`;
  const theirs = peers.length === 1 ? "that pod" : "those pods";
  const isIngress = rule.direction === "ingress";
  return findingOf(isIngress ? "ingress-meets-closed-egress" : "egress-meets-closed-ingress", {
    // Something else of the rule is of use.
    ...(isUseful ? { severity: "info" } : {}),
    position: policy.origin.position(peerPath(checked, rule, closed[0].peer)),
    object: describePolicy(policy),
    message: isIngress
      ? `${whom} may come in by this rule${portWords(rule)}, but the egress of ${theirs} lets none of it out to ` +
        `${workloadsOf(subjects)}: nothing passes.`
      : `${workloadsOf(subjects)} may connect to ${whom} by this rule${portWords(rule)}, but the ingress of ${theirs} ` +
        "lets none of it in: nothing passes.",
    help: helpOf(keptOut, rule),
    related: keptOut.policies.slice(0, 3).map((keeper) => ({
      position: keeper.origin.position(["spec", side], "key"),
      message: keeperWords(keeper, keptOut, rule),
    })),
  });
}

function helpOf({ how, policies }: KeptOutBy, { direction }: Rule): string {
  const names = listOf(policies.map(describePolicy), 3, "or");
  if (how === "rules") return `Allow it in ${names} too, or take it out here.`;
  if (how === "denied") return `${names} has the first word: except it there, or take it out here.`;
  const side = otherSide(direction);
  return `Beside ${names} no policy speaks of their ${side}: add one that allows it, or take it out here.`;
}

function keeperWords(keeper: Policy, { how }: KeptOutBy, { direction }: Rule): string {
  const side = otherSide(direction);
  if (how === "denied") return `${describePolicy(keeper)} denies it`;
  return `${describePolicy(keeper)} isolates ${direction === "ingress" ? "the senders" : "the receivers"} for ${side}`;
}

/** The label that names the peer, if it is one; else the peer. */
function peerPath(checked: CheckedNetworkPolicy, rule: Rule, peer: PodPeer): FieldPath {
  const { podSelector } = writtenPeers(checked, rule)[Number(peer.path.at(-1))] ?? {};
  const keys = Object.keys(podSelector?.matchLabels ?? {});
  if (keys.length !== 1 || (podSelector?.matchExpressions ?? []).length > 0) return peer.path;
  return [...peer.path, "podSelector", "matchLabels", keys[0]!];
}

function portWords({ ports }: Rule): string {
  return ports === "all" ? "" : `, ${listOf(ports.map(describePortMatch), 4)}`;
}
