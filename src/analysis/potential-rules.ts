import type { ClusterPod } from "../cluster/cluster.ts";
import { decidePorts, type MatchingRule } from "../engine/decide.ts";
import { numericPorts, rulePorts } from "../engine/ports.ts";
import type { Direction } from "../k8s/objects.ts";
import type { Address, Family } from "../net/address.ts";
import { cidrContains } from "../net/cidr.ts";
import {
  intersectPorts,
  NO_PORTS,
  type PortSet,
  TRANSPORT_PROTOCOLS,
  unionPorts,
  wholeProtocol,
} from "../net/port-set.ts";
import type { AddressPeer, NamedPortMatch, Policy, Rule, Tier } from "../policy/policy.ts";
import type { PatternBook, PodPattern } from "./pod-pattern.ts";

/** A rule as pods that are not there yet meet it. */
export interface PotentialRule {
  readonly tier: Tier;
  readonly rule: Rule;
  /** True if every pod matches that has an address in no block but those of the whole family. */
  readonly everyPod: boolean;
  /** The pods that it names. */
  readonly patterns: readonly PodPattern[];
  /** The ports that do not depend on the peer. */
  readonly ports: PortSet;
  /** The names by which it calls ports of the peer: of egress rules only. */
  readonly names: readonly NamedPortMatch[];
}

/** All rules that are asked about one direction of a pod, in the order of judgement. */
export interface PotentialRules {
  /** The book of the rules' patterns. */
  readonly book: PatternBook;
  readonly rules: readonly PotentialRule[];
  readonly isolated: boolean;
  /** True if some policy is asked at all. */
  readonly limited: boolean;
}

/**
 * The rules of the policies that are about `pod`, as pods meet them whose address of the family is `address`. Without
 * one it lies in no block but those of the whole family.
 */
export function potentialRules(
  policies: readonly Policy[],
  direction: Direction,
  family: Family,
  pod: ClusterPod,
  book: PatternBook,
  address?: Address,
): PotentialRules {
  const asked = policies.filter((policy) =>
    // The rules of a NetworkPolicy for a direction that its policyTypes leave out do not count.
    policy.tier === "NetworkPolicy" ? policy.isolates[direction] : policy.rules[direction].length > 0,
  );
  const isolated = asked.some((policy) => policy.tier === "NetworkPolicy");
  // Where a NetworkPolicy isolates, Baseline is never asked.
  const heard = isolated ? asked.filter(({ tier }) => tier !== "Baseline") : asked;
  const rules = heard.flatMap(({ tier, rules: byDirection }) =>
    byDirection[direction].map((rule): PotentialRule => {
      const peers = rule.peers === "everyone" ? [] : rule.peers;
      const names =
        direction === "egress" && rule.ports !== "all"
          ? rule.ports.filter((match) => match.kind === "name")
          : [];
      return {
        tier,
        rule,
        everyPod:
          rule.peers === "everyone" ||
          peers.some((peer) => peer.kind === "addresses" && hasAddress(peer, family, address)),
        patterns: peers.flatMap((peer) => (peer.kind === "pods" ? (book.of(peer.selection) ?? []) : [])),
        ports: direction === "ingress" ? rulePorts(rule, pod.ports) : numericPorts(rule),
        names,
      };
    }),
  );
  return { book, rules, isolated, limited: asked.length > 0 };
}

function hasAddress({ cidr, except }: AddressPeer, family: Family, address: Address | undefined): boolean {
  if (cidr.family !== family) return false;
  if (address === undefined) return cidr.prefix === 0;
  return cidrContains(cidr, address) && !except.some((each) => cidrContains(each, address));
}

/** A name of ports, of one protocol or of `any`. */
export type PortName = Pick<NamedPortMatch, "name" | "protocol">;

/**
 * What is certain to pass for every pod of a pattern: what the rules decide that match all of them. `declared` is a
 * name that the pods are taken to give to all of their ports, as ports are decided one by one.
 */
export function certainPorts(
  { rules, isolated, book }: PotentialRules,
  pattern: PodPattern,
  declared?: PortName,
): PortSet {
  const matching: MatchingRule[] = [];
  for (const each of rules) {
    if (!matchesAll(each, pattern, book)) continue;
    let { ports } = each;
    for (const match of each.names) {
      if (match.name !== declared?.name) continue;
      ports = unionPorts(ports, intersectPorts(portsOfName(match), portsOfName(declared)));
    }
    if (ports !== NO_PORTS) matching.push({ tier: each.tier, action: each.rule.action, ports });
  }
  return decidePorts(matching, isolated);
}

/** True if the rule matches every pod of the pattern. */
export function matchesAll(rule: PotentialRule, pattern: PodPattern, book: PatternBook): boolean {
  return rule.everyPod || rule.patterns.some((own) => book.isWithin(pattern, own));
}

function portsOfName({ protocol }: PortName): PortSet {
  const protocols = protocol === "any" ? TRANSPORT_PROTOCOLS : [protocol];
  return protocols.map(wholeProtocol).reduce(unionPorts, NO_PORTS);
}
