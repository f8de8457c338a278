import type { ClusterPod } from "../../../cluster/cluster.ts";
import type { Engine } from "../../../engine/engine.ts";
import { explain } from "../../../engine/explain.ts";
import { rulePorts } from "../../../engine/ports.ts";
import { portsOfClass } from "../../../engine/row.ts";
import type { RuleReading } from "../../../engine/rule-reading.ts";
import type { Direction } from "../../../k8s/objects.ts";
import { requirementsOf } from "../../../k8s/selector.ts";
import { FAMILIES, type Family } from "../../../net/address.ts";
import {
  intersectPorts,
  NO_PORTS,
  type PortSet,
  TRANSPORT_PROTOCOLS,
  type Traffic,
} from "../../../net/port-set.ts";
import type { Policy, Rule } from "../../../policy/policy.ts";
import type { CheckContext } from "../check.ts";
import type { PodGroup } from "./pod-groups.ts";

/** What becomes of what a rule allows between its subject and a peer. */
export type Meeting =
  | { readonly kind: "passes" }
  /** All that passes on the own side is kept out by the other one, as in this case. */
  | { readonly kind: "kept-out"; readonly example: Example }
  /** There is nobody, or it does not pass on the own side: the other one is not to blame. */
  | { readonly kind: "nobody" };

/** Something that a rule allows and the other side does not. */
export interface Example {
  readonly subject: ClusterPod;
  readonly peer: ClusterPod;
  readonly family: Family;
  readonly ports: PortSet;
}

/** More pairs than that are not looked at: a rule for so many is not about somebody in particular. */
const MOST_PAIRS = 10_000;

export function otherSide(direction: Direction): Direction {
  return direction === "ingress" ? "egress" : "ingress";
}

/** What a rule comes to for its subject and a peer, by class. */
export function meetingOf(
  { engine }: CheckContext,
  rule: Rule,
  subjects: PodGroup,
  peers: PodGroup,
): Meeting {
  const isIngress = rule.direction === "ingress";
  if (subjects.classes.size * peers.classes.size > MOST_PAIRS) return { kind: "passes" };
  // What a rule of a NetworkPolicy allows passes on its own side, unless the tier before it decides otherwise. Policies
  // are in the order of judgement.
  const isDecidedBefore = engine.policies[0]?.tier === "Admin";
  let example: Example | undefined;
  for (const [subject, subjectPod] of subjects.classes) {
    for (const [peer, peerPod] of peers.classes) {
      // A pod alone with itself passes whatever policies say.
      if (subject === peer && subject.pods.size === 1) continue;
      const ports = rulePorts(rule, (isIngress ? subjectPod : peerPod).ports);
      for (const family of FAMILIES) {
        if (subject.areas[family] === undefined || peer.areas[family] === undefined) continue;
        const view = engine.view(family);
        const own = isDecidedBefore
          ? intersectPorts(ports, portsOfClass(view.row(rule.direction, subject), peer))
          : ports;
        if (own === NO_PORTS) continue;
        const other = portsOfClass(view.row(otherSide(rule.direction), peer), subject);
        if (intersectPorts(own, other) !== NO_PORTS) return { kind: "passes" };
        example ??= { subject: subjectPod, peer: peerPod, family, ports: own };
      }
    }
  }
  return example === undefined ? { kind: "nobody" } : { kind: "kept-out", example };
}

/** Why the other side keeps something out. */
export interface KeptOutBy {
  /** The policies of which one could let it in (or out): those that say most about the pod. */
  readonly policies: readonly Policy[];
  /**
   * `rules`: they have rules, and none of them for this. `default-deny`: they have no rules at all. `denied`: a rule of
   * the whole cluster denies it, which no NetworkPolicy can change. `broken`: one could not be read, or a rule of one, so
   * that nobody knows what it would let pass.
   */
  readonly how: "rules" | "default-deny" | "denied" | "broken";
}

export function keptOutBy({ engine }: CheckContext, { direction }: Rule, example: Example): KeptOutBy {
  const side = otherSide(direction);
  const view = engine.view(example.family);
  const policies = view.policiesOf(view.classOf(example.peer)!);
  const isolating = policies.filter(({ isolates }) => isolates[side]);
  // A rule that only a newer API knows denies as well, whatever it says.
  const mayDeny = ({ kind, rules, broken }: Policy): boolean =>
    kind !== "NetworkPolicy" &&
    (broken || rules[side].some(({ action, failsClosed }) => action === "Deny" || failsClosed !== undefined));
  // Only where a policy of the whole cluster could be the one must the packet itself be judged.
  const denying = policies.some(mayDeny) ? denyingRule(engine, direction, example) : undefined;
  if (denying !== undefined) {
    const { policy, rule } = denying;
    return { how: policy.broken || rule.failsClosed !== undefined ? "broken" : "denied", policies: [policy] };
  }
  if (isolating.some(({ broken }) => broken)) return { how: "broken", policies: isolating };
  const withRules = isolating.filter(({ rules }) => rules[side].length > 0);
  if (withRules.length === 0) return { how: "default-deny", policies: isolating };
  const narrow = withRules.filter(({ subject: { pods } }) => requirementsOf(pods).length > 0);
  return { how: "rules", policies: narrow.length > 0 ? narrow : withRules };
}

function denyingRule(engine: Engine, direction: Direction, example: Example): RuleReading | undefined {
  const [subject, peer] = [engine.endOf(example.subject), engine.endOf(example.peer)];
  const [from, to] = direction === "egress" ? [subject, peer] : [peer, subject];
  const explanation = explain(engine, from, to, example.family, firstOf(example.ports));
  return explanation[otherSide(direction)].deniedBy;
}

/** One packet of a set that is not empty. */
function firstOf(ports: PortSet): Traffic {
  for (const protocol of TRANSPORT_PROTOCOLS) {
    const [port] = ports[protocol];
    if (port !== undefined) return { protocol, port };
  }
  return { protocol: "other" };
}
