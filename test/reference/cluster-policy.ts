import { adminNetworkPolicyAsCluster, baselineAdminNetworkPolicyAsCluster } from "./admin-network-policy.ts";
import { clusterPeerMatches, isKnownPeer } from "./cluster-peer.ts";
import { clusterProtocolMatches, isKnownProtocol } from "./cluster-protocol.ts";
import { namespaceLabels, namespaceOf } from "./namespace.ts";
import type { Question, TierVerdict } from "./question.ts";
import type { RawCluster } from "./raw.ts";
import type { RawClusterNetworkPolicy, RawClusterPeer, RawClusterProtocol } from "./raw-cluster-policy.ts";
import { selectorMatches } from "./selector.ts";

/** A rule of either direction. */
interface Rule {
  action: "Accept" | "Deny" | "Pass";
  peers: RawClusterPeer[];
  /** Undefined: all traffic. */
  protocols: RawClusterProtocol[] | undefined;
}

/** The tier before NetworkPolicy: its Accept and Deny overrule what namespaces say. */
export function adminTier(question: Question): TierVerdict {
  return firstMatch(adminPolicies(question.cluster), question);
}

/** The tier behind NetworkPolicy: what holds where namespaces say nothing. */
export function baselineTier(question: Question): TierVerdict {
  return firstMatch(baselinePolicies(question.cluster), question);
}

function adminPolicies(cluster: RawCluster): RawClusterNetworkPolicy[] {
  const ofCluster = (cluster.clusterNetworkPolicies ?? []).filter((policy) => policy.spec.tier === "Admin");
  const older = (cluster.adminNetworkPolicies ?? []).map(adminNetworkPolicyAsCluster);
  // A stable sort: of the same priority and name, the older kind comes first.
  return [...older, ...ofCluster].sort(compareOrder);
}

/** A BaselineAdminNetworkPolicy has no priority and comes last. */
function baselinePolicies(cluster: RawCluster): RawClusterNetworkPolicy[] {
  const ofCluster = (cluster.clusterNetworkPolicies ?? []).filter(
    (policy) => policy.spec.tier === "Baseline",
  );
  const older = (cluster.baselineAdminNetworkPolicies ?? []).map(baselineAdminNetworkPolicyAsCluster);
  return [...ofCluster.sort(compareOrder), ...older];
}

/** Equal priorities are legal and the API leaves their order open; here it is that of the names, by code units. */
function compareOrder(a: RawClusterNetworkPolicy, b: RawClusterNetworkPolicy): number {
  if (a.spec.priority !== b.spec.priority) {
    return a.spec.priority - b.spec.priority;
  }
  if (a.metadata.name === b.metadata.name) {
    return 0;
  }
  return a.metadata.name < b.metadata.name ? -1 : 1;
}

/** What the first matching rule of the first policy that has one says. A Pass leaves the tier, as silence does. */
function firstMatch(policies: readonly RawClusterNetworkPolicy[], question: Question): TierVerdict {
  for (const policy of policies) {
    if (!isSubject(policy, question)) {
      continue;
    }
    for (const rule of rulesOf(policy, question)) {
      const verdict = ruleVerdict(rule, question);
      if (verdict !== undefined) {
        return verdict;
      }
    }
  }
  return "pass";
}

function isSubject(policy: RawClusterNetworkPolicy, { cluster, subject }: Question): boolean {
  const { namespaces, pods } = policy.spec.subject;
  const labelsOfNamespace = namespaceLabels(cluster, namespaceOf(subject));
  if (namespaces && !pods) {
    return selectorMatches(namespaces, labelsOfNamespace);
  }
  if (pods && !namespaces) {
    return (
      selectorMatches(pods.namespaceSelector, labelsOfNamespace) &&
      selectorMatches(pods.podSelector, subject.metadata.labels ?? {})
    );
  }
  throw new Error(`the subject of ${policy.metadata.name} is not either namespaces or pods`);
}

function rulesOf(policy: RawClusterNetworkPolicy, { direction }: Question): Rule[] {
  return direction === "Ingress"
    ? (policy.spec.ingress ?? []).map(({ action, from, protocols }) => ({ action, peers: from, protocols }))
    : (policy.spec.egress ?? []).map(({ action, to, protocols }) => ({ action, peers: to, protocols }));
}

/** What the rule says about this connection; undefined when it is not about it. */
function ruleVerdict({ action, peers, protocols }: Rule, question: Question): TierVerdict | undefined {
  if (peers.length === 0 || protocols?.length === 0) {
    throw new Error("a rule without peers, or with an empty list of protocols; the API server refuses that");
  }
  const isKnown =
    peers.every((peer) => isKnownPeer(peer, question.direction)) && (protocols ?? []).every(isKnownProtocol);
  if (!isKnown) {
    // Failing closed: whom and what a rule means that we can only read in part, nobody knows.
    return action === "Accept" ? undefined : "deny";
  }
  const matches =
    peers.some((peer) => clusterPeerMatches(peer, question)) &&
    (!protocols || protocols.some((protocol) => clusterProtocolMatches(protocol, question)));
  return matches ? verdictOf(action) : undefined;
}

function verdictOf(action: string): TierVerdict {
  switch (action) {
    case "Accept":
      return "allow";
    case "Deny":
      return "deny";
    case "Pass":
      return "pass";
    default:
      throw new Error(`unknown action "${action}"; the API server refuses that`);
  }
}
