import type { ClusterPod } from "../../../../cluster/cluster.ts";
import { rulePorts } from "../../../../engine/ports.ts";
import { selectionKey } from "../../../../engine/selections.ts";
import { NO_PORTS, portsWithin } from "../../../../net/port-set.ts";
import type { Peer, PodSelection, Policy, Rule } from "../../../../policy/policy.ts";
import type { SelectedPods } from "../../selected-pods.ts";
import { rulePortsWithin } from "./ports-within.ts";
import type { SymbolicContainment } from "./symbolic.ts";

/** A rule of a policy. */
export interface PolicyRule {
  readonly policy: Policy;
  readonly rule: Rule;
}

/** Finds rules that together match all that another rule does. */
export interface Covers {
  /** True if the outer selection chooses every pod that the inner one does. */
  subjectWithin(inner: PodSelection, outer: PodSelection): boolean;
  /**
   * Those of the others that together match what the rule of the subject matches, of the same pods: as few as are
   * easily found. Undefined if they do not, or it is not plain to see. Only others are taken that are usable; whether they are about
   * the same pods is not asked.
   */
  coverOf(
    subject: PodSelection,
    rule: Rule,
    others: readonly PolicyRule[],
    isUsable: (other: PolicyRule) => boolean,
  ): readonly PolicyRule[] | undefined;
}

/** For any pod that could exist. */
export function certainCovers({ podsWithin, peerWithinRule }: SymbolicContainment): Covers {
  return {
    subjectWithin: podsWithin,
    coverOf: (_subject, rule, others, isUsable) => {
      const coverOfPeer: CoverOfPeer = (peer, candidates) => {
        const covering = candidates.filter(
          (other) => matchesPeer(other.rule, peer, peerWithinRule) && isUsable(other),
        );
        const alone = covering.find((other) => rulePortsWithin(rule.ports, [other.rule.ports]));
        if (alone !== undefined) return [alone];
        const ports = covering.map((other) => other.rule.ports);
        return rulePortsWithin(rule.ports, ports) ? covering : undefined;
      };
      return coverOfPeers(rule, others, coverOfPeer);
    },
  };
}

/** For the pods that there are. What chooses none of them now is covered by nothing: it waits for pods to come. */
export function presentCovers(selected: SelectedPods, { peerWithinRule }: SymbolicContainment): Covers {
  const podSet = podSets(selected);
  const setsOfRules = new WeakMap<Rule, readonly ReadonlySet<ClusterPod>[]>();
  /** The pods of each peer of a rule. Rules are asked about again and again, each with all of its peers. */
  const setsOf = (rule: Rule): readonly ReadonlySet<ClusterPod>[] => {
    let sets = setsOfRules.get(rule);
    if (sets === undefined) {
      sets =
        rule.peers === "everyone"
          ? []
          : rule.peers.flatMap((peer) => (peer.kind === "pods" ? [podSet(peer.selection)] : []));
      setsOfRules.set(rule, sets);
    }
    return sets;
  };
  const choosesPod = (rule: Rule, pod: ClusterPod): boolean => {
    if (rule.peers === "everyone") return true;
    for (const set of setsOf(rule)) if (set.has(pod)) return true;
    return false;
  };
  return {
    subjectWithin: (inner, outer) => {
      const [pods, others] = [podSet(inner), podSet(outer)];
      if (pods.size === 0 || pods.size > others.size) return false;
      for (const pod of pods) if (!others.has(pod)) return false;
      return true;
    },
    coverOf: (subject, rule, others, isUsable) => {
      if (podSet(subject).size === 0) return undefined;
      const destinations = rule.direction === "ingress" ? declaredPorts(podSet(subject)) : undefined;
      /** What is asked of each rule but once: whether its ports include those of this rule, on whatever pod. */
      const isWide = remembered(
        (other: PolicyRule) =>
          isUsable(other) &&
          (rulePortsWithin(rule.ports, [other.rule.ports]) ||
            (destinations !== undefined &&
              namesPorts(rule, other.rule) &&
              destinations.every((declared) => declaredPortsWithin(rule, other.rule, declared)))),
      );
      const coversPod = (other: PolicyRule, pod: ClusterPod): boolean =>
        choosesPod(other.rule, pod) &&
        (isWide(other) ||
          (rule.direction === "egress" &&
            namesPorts(rule, other.rule) &&
            isUsable(other) &&
            declaredPortsWithin(rule, other.rule, pod.ports)));
      const coverOfPeer: CoverOfPeer = (peer, candidates) => {
        if (peer === "everyone" || peer.kind !== "pods") {
          const alone = candidates.find(
            (other) => matchesPeer(other.rule, peer, peerWithinRule) && isWide(other),
          );
          return alone === undefined ? undefined : [alone];
        }
        const used = new Set<PolicyRule>();
        for (const pod of podSet(peer.selection)) {
          if ([...used].some((other) => coversPod(other, pod))) continue;
          const next = candidates.find((other) => coversPod(other, pod));
          if (next === undefined) return undefined;
          used.add(next);
        }
        return used.size === 0 ? undefined : [...used];
      };
      return coverOfPeers(rule, others, coverOfPeer);
    },
  };
}

type DeclaredPorts = ClusterPod["ports"];

/** True if the rule has ports towards a pod that declares these, and the other has them too. */
function declaredPortsWithin(rule: Rule, other: Rule, declared: DeclaredPorts): boolean {
  const ports = rulePorts(rule, declared);
  return ports !== NO_PORTS && portsWithin(ports, rulePorts(other, declared));
}

/** True if a rule calls ports by name, so that it matters what pods declare. */
function namesPorts(...rules: readonly Rule[]): boolean {
  return rules.some(({ ports }) => ports !== "all" && ports.some(({ kind }) => kind === "name"));
}

const declaredByPods = new WeakMap<ReadonlySet<ClusterPod>, DeclaredPorts[]>();

/** What pods declare, each kind once. */
function declaredPorts(pods: ReadonlySet<ClusterPod>): DeclaredPorts[] {
  let declared = declaredByPods.get(pods);
  if (declared === undefined) {
    declared = [...new Map([...pods].map(({ ports }) => [JSON.stringify(ports), ports])).values()];
    declaredByPods.set(pods, declared);
  }
  return declared;
}

function remembered<K, V>(answer: (question: K) => V): (question: K) => V {
  const known = new Map<K, V>();
  return (question) => {
    let found = known.get(question);
    if (found === undefined) {
      found = answer(question);
      known.set(question, found);
    }
    return found;
  };
}

/** The pods of selections as sets. Equal selections share one. */
function podSets(selected: SelectedPods): (selection: PodSelection) => ReadonlySet<ClusterPod> {
  const byKey = new Map<string, ReadonlySet<ClusterPod>>();
  const known = new WeakMap<PodSelection, ReadonlySet<ClusterPod>>();
  return (selection) => {
    let set = known.get(selection);
    if (set === undefined) {
      const key = selectionKey(selection);
      set = byKey.get(key) ?? new Set(selected.podsOf(selection));
      byKey.set(key, set);
      known.set(selection, set);
    }
    return set;
  };
}

type CoverOfPeer = (
  peer: Peer | "everyone",
  candidates: readonly PolicyRule[],
) => readonly PolicyRule[] | undefined;

/** True if the rule surely matches all that the peer matches. */
function matchesPeer(
  rule: Rule,
  peer: Peer | "everyone",
  peerWithinRule: SymbolicContainment["peerWithinRule"],
): boolean {
  return peer === "everyone" ? rule.peers === "everyone" : peerWithinRule(peer, rule);
}

/** Puts together what covers each peer of a rule; one rule that covers them all is preferred. */
function coverOfPeers(
  rule: Rule,
  others: readonly PolicyRule[],
  coverOfPeer: CoverOfPeer,
): readonly PolicyRule[] | undefined {
  // A rule that could not be understood means something that is not known.
  if (rule.failsClosed !== undefined) return undefined;
  const peers = rule.peers === "everyone" ? (["everyone"] as const) : rule.peers;
  const coverOf = (candidates: readonly PolicyRule[]): readonly PolicyRule[] | undefined => {
    const used = new Set<PolicyRule>();
    for (const peer of peers) {
      const cover = coverOfPeer(peer, candidates);
      if (cover === undefined) return undefined;
      for (const each of cover) used.add(each);
    }
    return used.size === 0 ? undefined : [...used];
  };
  const understood = others.every((other) => other.rule.failsClosed === undefined)
    ? others
    : others.filter((other) => other.rule.failsClosed === undefined);
  const together = coverOf(understood);
  if (together === undefined || together.length === 1) return together;
  const alone = understood.find((each) => coverOf([each]) !== undefined);
  return alone === undefined ? together : [alone];
}
