import type { Finding } from "../../../k8s/finding.ts";
import type { FieldPath } from "../../../k8s/location.ts";
import { describePeer, describePolicy, describePortMatch } from "../../../policy/describe.ts";
import type { Policy, Rule } from "../../../policy/policy.ts";
import { type Check, type CheckContext, findingOf } from "../check.ts";
import { groupsOf } from "../groups.ts";
import { writtenPeers } from "../network-policy-rules.ts";
import { countOf, listOf, workloadsOf } from "../words.ts";
import { type ClosedPeer, causeOf, closedPeers } from "./closed-peers.ts";
import { type KeptOutBy, otherSide } from "./meeting.ts";
import { podGroup } from "./pod-groups.ts";

/** A connection needs both sides: a rule on one does nothing while the other stays closed. */
export const closedOtherSide: Check = {
  codes: ["egress-meets-closed-ingress", "ingress-meets-closed-egress"],
  *run(context) {
    // Of ten clients that one server does not let in, it is the server that must be changed.
    for (const same of groupsOf(closedPeers(context), keyOf)) yield finding(context, same);
  },
};

/** More places than that, besides those of the policies to change, help nobody. */
const MOST_OTHERS = 3;

function keyOf(closed: ClosedPeer): string {
  const { checked, rule, peer, by, isRuleUseful } = closed;
  // Where the rule is of some use, it is told once a namespace.
  if (isRuleUseful) return `${rule.direction} part ${checked.source.namespace}`;
  // A default deny keeps everybody out: each of them lacks a policy of its own.
  const whom = by.how === "rules" ? "" : describePeer(peer);
  return [rule.direction, whom, causeOf(closed)].join("\n");
}

function finding(context: CheckContext, same: readonly [ClosedPeer, ...ClosedPeer[]]): Finding {
  const [first] = same;
  const { checked, rule, by, counterpart } = first;
  const { policy } = checked;
  const side = otherSide(rule.direction);
  // Those of this rule that the same policies keep out are told together.
  const ofRule = same.filter((each) => each.rule === rule && causeOf(each) === causeOf(first));
  const others = same.filter((each) => !ofRule.includes(each));
  const subjects = podGroup(context, policy.subject).pods;
  const peers = [...new Set(ofRule.flatMap(({ peer }) => podGroup(context, peer.selection).pods))];
  const whom = `${workloadsOf(peers)} (${countOf(peers.length, "pod")})`;
  const theirs = peers.length === 1 ? "that pod" : "those pods";
  const isIngress = rule.direction === "ingress";
  return findingOf(isIngress ? "ingress-meets-closed-egress" : "egress-meets-closed-ingress", {
    ...(first.isRuleUseful ? { severity: "info" } : {}),
    position: policy.origin.position(peerPath(first)),
    object: describePolicy(policy),
    message:
      (isIngress
        ? `${whom} may come in by this rule${portWords(rule)}, but the egress of ${theirs} lets none of it out to ` +
          `${workloadsOf(subjects)}: nothing passes.`
        : `${workloadsOf(subjects)} may connect to ${whom} by this rule${portWords(rule)}, but the ingress of ` +
          `${theirs} lets none of it in: nothing passes.`) +
      (others.length === 0
        ? ""
        : ` So it is with ${countOf(others.length, "other peer")}${first.isRuleUseful ? ` in namespace ${checked.source.namespace}` : " of other rules"}.`),
    help: helpOf(first, side),
    related: [
      ...(counterpart === undefined
        ? []
        : [
            {
              position: counterpart.checked.policy.origin.position(peerPath(counterpart)),
              message: `here they are let in${portWords(counterpart.rule)}`,
            },
          ]),
      ...by.policies.slice(0, first.isRuleUseful ? 1 : 3).map((keeper) => ({
        position: keeper.origin.position(["spec", side], "key"),
        message: keeperWords(keeper, by, side),
      })),
      ...others.slice(0, first.isRuleUseful ? 1 : MOST_OTHERS).map((other) => ({
        position: other.checked.policy.origin.position(peerPath(other)),
        object: describePolicy(other.checked.policy),
        message: `${workloadsOf(podGroup(context, other.peer.selection).pods)}: nothing passes either`,
      })),
    ],
  });
}

function helpOf({ by: { how, policies }, counterpart }: ClosedPeer, side: Rule["direction"]): string {
  if (counterpart !== undefined) {
    const { policy } = counterpart.checked;
    return `${describePolicy(policy)} lets them in${portWords(counterpart.rule)}: write on both sides the port that the pods listen on.`;
  }
  const names = listOf(policies.map(describePolicy), 3, "or");
  if (how === "rules") return `Allow it in ${names} too, or take it out here.`;
  if (how === "denied") return `${names} has the first word: except it there, or take it out here.`;
  return `But for ${names}, no policy speaks of their ${side}: add one that allows it, or take it out here.`;
}

function keeperWords(keeper: Policy, { how }: KeptOutBy, side: Rule["direction"]): string {
  if (how === "denied") return `${describePolicy(keeper)} denies it`;
  return `${describePolicy(keeper)} isolates the ${side === "egress" ? "senders" : "receivers"} for ${side}`;
}

/** The label that names the peer, if it is one; else the peer. */
function peerPath({ checked, rule, peer }: ClosedPeer): FieldPath {
  const { podSelector } = writtenPeers(checked, rule)[Number(peer.path.at(-1))] ?? {};
  const keys = Object.keys(podSelector?.matchLabels ?? {});
  if (keys.length !== 1 || (podSelector?.matchExpressions ?? []).length > 0) return peer.path;
  return [...peer.path, "podSelector", "matchLabels", keys[0]!];
}

function portWords({ ports }: Rule): string {
  return ports === "all" ? "" : `, ${listOf(ports.map(describePortMatch), 4)}`;
}
