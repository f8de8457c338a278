import type { ClusterPod } from "../../../../cluster/cluster.ts";
import { rulePorts } from "../../../../engine/ports.ts";
import { selectionKey } from "../../../../engine/selections.ts";
import { NO_PORTS, portsWithin } from "../../../../net/port-set.ts";
import type { Peer, PodSelection, Policy, Rule } from "../../../../policy/policy.ts";
import type { SelectedPods } from "../../selected-pods.ts";
import { rulePortsWithin } from "./ports-within.ts";
import { matchesPeer, rulesAround } from "./rules-around.ts";
import { choosesPod, rulesChoosing, type SetsOfRule } from "./rules-choosing.ts";
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
export function certainCovers(symbolic: SymbolicContainment): Covers {
  const around = rememberedByList((rules) => rulesAround(rules, symbolic));
  return {
    subjectWithin: symbolic.podsWithin,
    coverOf: (_subject, rule, others, isUsable) => {
      if (rule.failsClosed !== undefined) return undefined;
      const rulesAroundPeer = around(others);
      const hasPorts = (other: PolicyRule): boolean => rulePortsWithin(rule.ports, [other.rule.ports]);
      const coverOfPeer: CoverOfPeer = (peer) => {
        const covering = rulesAroundPeer(peer).filter(isUsable);
        const alone = covering.find(hasPorts);
        if (alone !== undefined) return [alone];
        const ports = covering.map((other) => other.rule.ports);
        return rulePortsWithin(rule.ports, ports) ? covering : undefined;
      };
      const peers = peersOf(rule);
      return coverOfPeers(peers, coverOfPeer, () =>
        rulesAroundPeer(peers[0]!).find(
          (other) =>
            isUsable(other) &&
            hasPorts(other) &&
            peers.every((peer) => matchesPeer(other.rule, peer, symbolic)),
        ),
      );
    },
  };
}

/** For the pods that there are. What chooses none of them now is covered by nothing: it waits for pods to come. */
export function presentCovers(selected: SelectedPods, symbolic: SymbolicContainment): Covers {
  const podSet = podSets(selected);
  const setsOfRules = new WeakMap<Rule, readonly ReadonlySet<ClusterPod>[]>();
  /** Rules are asked about again and again, each with all of its peers. */
  const setsOf: SetsOfRule = (rule) => {
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
  const around = rememberedByList((rules) => rulesAround(rules, symbolic));
  const choosing = rememberedByList((rules) => rulesChoosing(rules, setsOf));
  return {
    subjectWithin: (inner, outer) => {
      const [pods, others] = [podSet(inner), podSet(outer)];
      if (pods.size === 0 || pods.size > others.size) return false;
      for (const pod of pods) if (!others.has(pod)) return false;
      return true;
    },
    coverOf: (subject, rule, others, isUsable) => {
      if (rule.failsClosed !== undefined || podSet(subject).size === 0) return undefined;
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
        choosesPod(other.rule, pod, setsOf) &&
        (isWide(other) ||
          (rule.direction === "egress" &&
            namesPorts(rule, other.rule) &&
            isUsable(other) &&
            declaredPortsWithin(rule, other.rule, pod.ports)));
      const coverOfPeer: CoverOfPeer = (peer) => {
        if (peer === "everyone" || peer.kind !== "pods") {
          const alone = around(others)(peer).find(isWide);
          return alone === undefined ? undefined : [alone];
        }
        const used = new Set<PolicyRule>();
        for (const pod of podSet(peer.selection)) {
          if ([...used].some((other) => coversPod(other, pod))) continue;
          const next = choosing(others)(pod).find((other) => coversPod(other, pod));
          if (next === undefined) return undefined;
          used.add(next);
        }
        return used.size === 0 ? undefined : [...used];
      };
      const peers = peersOf(rule);
      const coversPeer = (other: PolicyRule, peer: Peer | "everyone"): boolean => {
        if (peer === "everyone" || peer.kind !== "pods") {
          return matchesPeer(other.rule, peer, symbolic) && isWide(other);
        }
        for (const pod of podSet(peer.selection)) if (!coversPod(other, pod)) return false;
        return true;
      };
      return coverOfPeers(peers, coverOfPeer, () => {
        // One that covers all of it covers the first peer too, of which there are pods, as it is covered.
        const first = peers[0]!;
        const candidates =
          first === "everyone" || first.kind !== "pods"
            ? around(others)(first)
            : choosing(others)([...podSet(first.selection)][0]!);
        return candidates.find((other) => peers.every((peer) => coversPeer(other, peer)));
      });
    },
  };
}

function peersOf({ peers }: Rule): readonly (Peer | "everyone")[] {
  return peers === "everyone" ? ["everyone"] : peers;
}

/** Keeps what is made of a list of rules as long as the list. Rules that were not understood are not in it. */
function rememberedByList<T>(make: (rules: readonly PolicyRule[]) => T): (rules: readonly PolicyRule[]) => T {
  const known = new WeakMap<readonly PolicyRule[], T>();
  return (rules) => {
    let made = known.get(rules);
    if (made === undefined) {
      // A rule that could not be understood means something that is not known.
      made = make(rules.filter(({ rule }) => rule.failsClosed === undefined));
      known.set(rules, made);
    }
    return made;
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

type CoverOfPeer = (peer: Peer | "everyone") => readonly PolicyRule[] | undefined;

/** Puts together what covers each peer of a rule; one rule that covers them all is preferred. */
function coverOfPeers(
  peers: readonly (Peer | "everyone")[],
  coverOfPeer: CoverOfPeer,
  coverAlone: () => PolicyRule | undefined,
): readonly PolicyRule[] | undefined {
  const used = new Set<PolicyRule>();
  for (const peer of peers) {
    const cover = coverOfPeer(peer);
    if (cover === undefined) return undefined;
    for (const each of cover) used.add(each);
  }
  if (used.size === 0) return undefined;
  const together = [...used];
  if (together.length === 1) return together;
  const alone = coverAlone();
  return alone === undefined ? together : [alone];
}
