import type { ClusterPod } from "../../../cluster/cluster.ts";
import type { PodClass } from "../../../engine/classes.ts";
import type { Engine } from "../../../engine/engine.ts";
import { rulePorts } from "../../../engine/ports.ts";
import type { Position } from "../../../k8s/location.ts";
import { selectorKey } from "../../../k8s/selector.ts";
import type { Address } from "../../../net/address.ts";
import { type PortSet, portSetHas, portSetTokens } from "../../../net/port-set.ts";
import { describePods, describePortToken } from "../../../policy/describe.ts";
import type { Peer, Policy, Rule } from "../../../policy/policy.ts";
import type { CheckContext, CheckedPolicy } from "../check.ts";
import { countOf, listOf } from "../words.ts";
import type { TransportPort } from "./notable-addresses.ts";
import { classOf } from "./open-pods.ts";

/** A rule that lets pods out to addresses. */
export interface EgressRule {
  readonly checked: CheckedPolicy;
  readonly rule: Rule;
  /** Its ports on addresses that are no pod's: those by number. */
  readonly ports: PortSet;
  /** The pods that it lets out. None where the input has no pods of its namespace. */
  readonly pods: readonly ClusterPod[];
}

/**
 * The rules that accept something for egress and are read, of policies that select pods. Where the input shows no pod
 * of a policy's namespace, its pods are elsewhere.
 */
export function* egressRules({ policies, selected, known }: CheckContext): Iterable<EgressRule> {
  for (const checked of policies) {
    const { tier, isolates, subject, rules } = checked.policy;
    if (rules.egress.length === 0 || (tier === "NetworkPolicy" && !isolates.egress)) continue;
    const accepting = rules.egress.filter(({ action, peers }) => action === "Accept" && peers.length > 0);
    if (accepting.length === 0) continue;
    const pods = selected.podsOf(subject);
    const areElsewhere =
      subject.namespaces.kind === "name" &&
      !known.everything &&
      !known.namespacesWithPods.has(subject.namespaces.name);
    if (pods.length === 0 && !areElsewhere) continue;
    for (const rule of accepting) yield { checked, rule, ports: rulePorts(rule, []), pods };
  }
}

/** Above this many namespaces the same is said once for all of them. */
const MOST_GROUPS = 10;

/** Rules of which the same is to be said, by the namespace of their pods; all together where that would be many. */
export function byNamespace<T extends { readonly egress: EgressRule }>(rules: Iterable<T>): T[][] {
  const groups = new Map<string, T[]>();
  for (const rule of rules) {
    const { namespaces } = rule.egress.checked.policy.subject;
    const key = namespaces.kind === "name" ? namespaces.name : "";
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [rule]);
    else group.push(rule);
  }
  return groups.size > MOST_GROUPS ? [[...groups.values()].flat()] : [...groups.values()];
}

/** True if something of a rule really passes towards an address that is nobody's, after all policies of its pods. */
export function reaches(
  engine: Engine,
  { pods, ports }: EgressRule,
  address: Address,
  port: TransportPort,
): boolean {
  if (!portSetHas(ports, port)) return false;
  return pods.length === 0 || podsReaching(engine, pods, address, port).length > 0;
}

/** Those of some pods that may open connections to an address that is nobody's. */
export function podsReaching(
  engine: Engine,
  pods: readonly ClusterPod[],
  address: Address,
  port: TransportPort,
): ClusterPod[] {
  const area = engine.view(address.family).areas.areaAt(address.value);
  const verdicts = new Map<PodClass | undefined, boolean>();
  return pods.filter((pod) => {
    const podClass = classOf(engine, pod);
    let verdict = verdicts.get(podClass);
    if (verdict === undefined) {
      verdict = portSetHas(engine.portsWithArea("egress", pod, area), port);
      verdicts.set(podClass, verdict);
    }
    return verdict;
  });
}

/** True if a policy is about all pods of its namespace. */
export function selectsEveryPod({ subject }: Policy): boolean {
  return selectorKey(subject.pods) === "";
}

/** `pods app=mailer of namespace shop (2 pods today)`. */
export function subjectText({ checked, pods }: EgressRule): string {
  const today = pods.length === 0 ? "" : ` (${countOf(pods.length, "pod")} today)`;
  return `${describePods(checked.policy.subject)}${today}`;
}

/** `on every port`, `on TCP 80 and TCP 443`, `on TCP 80, TCP 443, TCP 8080 and 4 more`. */
export function portsText(ports: PortSet): string {
  const tokens = portSetTokens(ports);
  if (tokens.length === 1 && tokens[0] === "all") return "on every port";
  return `on ${listOf(tokens.map(describePortToken))}`;
}

/** The place of what a peer writes: of an ipBlock, its `cidr`. */
export function placeOfPeer({ policy }: CheckedPolicy, rule: Rule, peer: Peer | "everyone"): Position {
  if (peer === "everyone") return policy.origin.position(rule.path);
  const isIpBlock = peer.kind === "addresses" && policy.tier === "NetworkPolicy";
  return policy.origin.position(isIpBlock ? peer.path.concat("ipBlock", "cidr") : peer.path);
}
