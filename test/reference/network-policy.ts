import type { ResolvedEnd } from "./end.ts";
import { cidrContains, parseCidr } from "./ip.ts";
import { namespaceLabels, namespaceOf } from "./namespace.ts";
import { namedPortNumbers } from "./pod.ts";
import type { Question, TierVerdict } from "./question.ts";
import type {
  Direction,
  RawIpBlock,
  RawNetworkPolicy,
  RawNetworkPolicySpec,
  RawPeer,
  RawPort,
} from "./raw.ts";
import { selectorMatches } from "./selector.ts";

/** The NetworkPolicy tier: final for a pod that some policy selects in this direction, silent for all others. */
export function networkPolicyTier(question: Question): TierVerdict {
  const policies = question.cluster.networkPolicies.filter((policy) => isolates(policy, question));
  if (policies.length === 0) {
    return "pass";
  }
  return policies.some((policy) => policyAllows(policy, question)) ? "allow" : "deny";
}

function isolates(policy: RawNetworkPolicy, { direction, subject }: Question): boolean {
  return (
    namespaceOf(policy) === namespaceOf(subject) &&
    policyTypes(policy.spec).includes(direction) &&
    selectorMatches(policy.spec.podSelector ?? {}, subject.metadata.labels ?? {})
  );
}

/**
 * The directions a policy isolates. Without `policyTypes` (the API server treats an empty list alike): Ingress
 * always, Egress only when there is at least one egress rule.
 */
export function policyTypes(spec: RawNetworkPolicySpec): Direction[] {
  if (spec.policyTypes && spec.policyTypes.length > 0) {
    return spec.policyTypes;
  }
  return (spec.egress ?? []).length > 0 ? ["Ingress", "Egress"] : ["Ingress"];
}

function policyAllows(policy: RawNetworkPolicy, question: Question): boolean {
  const rules =
    question.direction === "Ingress"
      ? (policy.spec.ingress ?? []).map((rule) => ({ peers: rule.from ?? [], ports: rule.ports ?? [] }))
      : (policy.spec.egress ?? []).map((rule) => ({ peers: rule.to ?? [], ports: rule.ports ?? [] }));
  return rules.some(
    ({ peers, ports }) =>
      (peers.length === 0 || peers.some((peer) => peerMatches(peer, policy, question))) &&
      (ports.length === 0 || ports.some((port) => portMatches(port, question))),
  );
}

function peerMatches(peer: RawPeer, policy: RawNetworkPolicy, { cluster, remote }: Question): boolean {
  const { ipBlock, namespaceSelector, podSelector } = peer;
  const hasSelector = Boolean(namespaceSelector ?? podSelector);
  if (Boolean(ipBlock) === hasSelector) {
    throw new Error(
      `a peer of ${policy.metadata.name} is not either an ipBlock or selectors: ${JSON.stringify(peer)}`,
    );
  }
  if (ipBlock) {
    return ipBlockMatches(ipBlock, remote);
  }
  if (remote.pod === undefined) {
    return false;
  }
  const remoteNamespace = namespaceOf(remote.pod);
  const namespaceFits = namespaceSelector
    ? selectorMatches(namespaceSelector, namespaceLabels(cluster, remoteNamespace))
    : remoteNamespace === namespaceOf(policy);
  return namespaceFits && (!podSelector || selectorMatches(podSelector, remote.pod.metadata.labels ?? {}));
}

function ipBlockMatches(block: RawIpBlock, { address }: ResolvedEnd): boolean {
  const excepted = (block.except ?? []).some((except) => cidrContains(parseCidr(except), address));
  return cidrContains(parseCidr(block.cidr), address) && !excepted;
}

function portMatches(item: RawPort, { traffic, destination }: Question): boolean {
  const protocol = item.protocol ?? "TCP";
  const { port, endPort } = item;
  if (endPort && (typeof port !== "number" || endPort < port)) {
    throw new Error(`endPort ${endPort} needs a numeric port that is not above it, not ${port}`);
  }
  if (traffic.protocol !== protocol || traffic.port === undefined) {
    return false;
  }
  if (port === undefined || port === null) {
    return true;
  }
  if (typeof port === "number") {
    return port <= traffic.port && traffic.port <= (endPort ?? port);
  }
  return (
    destination.pod !== undefined && namedPortNumbers(destination.pod, port, protocol).includes(traffic.port)
  );
}
