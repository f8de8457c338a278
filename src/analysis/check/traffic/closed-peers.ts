import { describePolicy } from "../../../policy/describe.ts";
import type { PodPeer } from "../../../policy/policy.ts";
import type { CheckContext } from "../check.ts";
import { type EffectiveRule, effectiveRules } from "./effective-rules.ts";
import { type KeptOutBy, keptOutBy, meetingOf } from "./meeting.ts";
import { namesPods, podGroup } from "./pod-groups.ts";

/** A peer of a rule, and that its own policies keep out all that the rule allows. */
export interface ClosedPeer extends EffectiveRule {
  readonly peer: PodPeer;
  readonly by: KeptOutBy;
  /** True if something passes by other peers of the rule. */
  readonly isRuleUseful: boolean;
  /** The rule of the other side that does name these pods, but allows other ports. */
  readonly counterpart?: ClosedPeer;
}

/** All of them, each pair of pods once: where both sides name each other, under the sender's rule. */
export function closedPeers(context: CheckContext): readonly ClosedPeer[] {
  const closed: ClosedPeer[] = [];
  for (const effective of effectiveRules(context)) closed.push(...closedPeersOf(context, effective));
  const byPair = new Map<string, ClosedPeer>();
  for (const each of closed) {
    if (each.rule.direction === "ingress") for (const pair of pairsOf(context, each)) byPair.set(pair, each);
  }
  const told = new Set<ClosedPeer>();
  const joined = closed.map((each): ClosedPeer => {
    if (each.rule.direction === "ingress") return each;
    const pair = pairsOf(context, each).find((key) => byPair.has(key));
    if (pair === undefined) return each;
    const counterpart = byPair.get(pair)!;
    told.add(counterpart);
    return { ...each, counterpart, isRuleUseful: each.isRuleUseful && counterpart.isRuleUseful };
  });
  return joined.filter((each) => !told.has(each));
}

function closedPeersOf(context: CheckContext, { checked, rule }: EffectiveRule): ClosedPeer[] {
  if (rule.peers === "everyone") return [];
  const subjects = podGroup(context, checked.policy.subject);
  const closed: Omit<ClosedPeer, "isRuleUseful">[] = [];
  let isRuleUseful = false;
  for (const peer of rule.peers) {
    // Whole namespaces are written for whoever may come to be in them.
    if (peer.kind !== "pods" || !namesPods(peer.selection)) {
      isRuleUseful = true;
      continue;
    }
    const meeting = meetingOf(context, rule, subjects, podGroup(context, peer.selection));
    if (meeting.kind === "passes") isRuleUseful = true;
    if (meeting.kind !== "kept-out") continue;
    const by = keptOutBy(context, rule, meeting.example);
    // What is wrong with a broken policy was told when it was read.
    if (by.how !== "broken") closed.push({ checked, rule, peer, by });
  }
  return closed.map((each) => ({ ...each, isRuleUseful }));
}

/** More pairs than that are not compared. */
const MOST_PAIRS = 100;

/** The pairs of classes of a peer, `sender receiver`. */
function pairsOf(context: CheckContext, { checked, rule, peer }: ClosedPeer): string[] {
  const subjects = [...podGroup(context, checked.policy.subject).classes.keys()];
  const peers = [...podGroup(context, peer.selection).classes.keys()];
  if (subjects.length * peers.length > MOST_PAIRS) return [];
  const [senders, receivers] = rule.direction === "ingress" ? [peers, subjects] : [subjects, peers];
  return senders.flatMap((from) => receivers.map((to) => `${from.index} ${to.index}`));
}

/** The policies that keep a peer out, as a text. */
export function causeOf({ by }: ClosedPeer): string {
  return by.policies.map(describePolicy).join("\n");
}
