import { selectionKey } from "../../../../engine/selections.ts";
import { selectorKey } from "../../../../k8s/selector.ts";
import { formatCidr } from "../../../../net/cidr.ts";
import type { Peer, Policy, PortMatch, Rule } from "../../../../policy/policy.ts";
import { DIRECTIONS } from "../../network-policy-rules.ts";

const known = new WeakMap<Policy, string>();

/** One text for all NetworkPolicies that say the same of the same pods, in whatever order. */
export function policyKey(policy: Policy): string {
  let key = known.get(policy);
  if (key === undefined) {
    key = keyOf(policy);
    known.set(policy, key);
  }
  return key;
}

function keyOf({ subject, isolates, rules, audit }: Policy): string {
  return JSON.stringify([
    audit,
    selectionKey(subject),
    // Rules of a direction that it does not isolate are never read.
    ...DIRECTIONS.map((direction) => isolates[direction] && distinct(rules[direction].map(ruleKey))),
  ]);
}

/** One text for all rules of a direction that say the same. */
export function ruleKey({ action, peers, ports }: Rule): string {
  return JSON.stringify([
    action,
    peers === "everyone" ? peers : distinct(peers.map(peerKey)),
    ports === "all" ? ports : distinct(ports.map(portKey)),
  ]);
}

/** One text for all peers that are written alike. */
export function peerKey(peer: Peer): string {
  switch (peer.kind) {
    case "pods":
      return `pods ${selectionKey(peer.selection)}`;
    case "addresses":
      return `addresses ${formatCidr(peer.cidr)} ${distinct(peer.except.map(formatCidr)).join(" ")}`;
    case "nodes":
      return `nodes ${selectorKey(peer.selector)}`;
    case "domains":
      return `domains ${distinct(peer.names).join(" ")}`;
  }
}

/** One text for all entries that stand for the same ports. */
export function portKey(match: PortMatch): string {
  return match.kind === "numbers" ? match.ports.key : `${match.protocol} ${match.name}`;
}

function distinct(texts: readonly string[]): string[] {
  return [...new Set(texts)].sort();
}
