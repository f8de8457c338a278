import type { RawCluster } from "../reference/raw.ts";
import type {
  RawClusterNetworkPolicy,
  RawClusterNetworkPolicySpec,
  RawClusterPeer,
  RawClusterProtocol,
  RawSubject,
} from "../reference/raw-cluster-policy.ts";
import { asAdminNetworkPolicy, asBaselineAdminNetworkPolicy } from "./admin-policies.ts";
import {
  isNameless,
  randomEgressPeer,
  randomIngressPeer,
  randomNamespacedPods,
  randomNamespaces,
} from "./cluster-policy-peers.ts";
import { overlappingProtocol, randomClusterProtocol } from "./cluster-policy-protocols.ts";
import { declaredPorts } from "./pods.ts";
import type { Random } from "./random.ts";
import { randomNodeLabels } from "./selectors.ts";

type Action = "Accept" | "Deny" | "Pass";

/** A rule of either direction, before it is known which. */
interface Rule {
  action: Action;
  peers: RawClusterPeer[];
  protocols?: RawClusterProtocol[];
}

/** Few, so that many are equal. */
const PRIORITIES = [0, 5, 10, 1000];

/** In an order that is neither that of code units nor of numbers nor of a locale. */
const NAMES = ["b", "p9", "p10", "a-b", "a.b", "a", "aa", "z", "p10-twin", "c"];

/**
 * Gives the cluster cluster-wide policies of all kinds, `count` (0-10) with priorities and perhaps a
 * BaselineAdminNetworkPolicy, and labels to its nodes, so that some peers are about some of them.
 */
export function addClusterPolicies(
  random: Random,
  cluster: RawCluster,
  count: number,
  anchors: readonly string[],
): void {
  for (const { metadata } of cluster.nodes) {
    metadata.labels = { ...metadata.labels, ...randomNodeLabels(random) };
  }
  const policies: RawClusterNetworkPolicy[] = [];
  for (const name of random.sample(NAMES, count)) {
    const model = policies.length > 0 && random.chance(0.3) ? random.pick(policies) : undefined;
    policies.push(
      model === undefined ? randomClusterPolicy(random, cluster, name, anchors) : twin(random, model, name),
    );
  }
  const isOlder = policies.map((policy) => policy.spec.tier === "Admin" && random.chance(0.25));
  cluster.clusterNetworkPolicies = policies.filter((_, index) => !isOlder[index]);
  cluster.adminNetworkPolicies = policies.filter((_, index) => isOlder[index]).map(asAdminNetworkPolicy);
  cluster.baselineAdminNetworkPolicies = random.chance(0.2)
    ? [asBaselineAdminNetworkPolicy(randomClusterPolicy(random, cluster, "default", anchors))]
    : [];
}

function randomClusterPolicy(
  random: Random,
  cluster: RawCluster,
  name: string,
  anchors: readonly string[],
): RawClusterNetworkPolicy {
  const ingress = randomRules(random, cluster, () => randomIngressPeer(random, cluster));
  const egress = randomRules(random, cluster, (action) =>
    randomEgressPeer(random, cluster, anchors, action === "Accept"),
  );
  return {
    apiVersion: "policy.networking.k8s.io/v1alpha2",
    kind: "ClusterNetworkPolicy",
    metadata: { name },
    spec: {
      tier: random.chance(0.55) ? "Admin" : "Baseline",
      priority: random.pick(PRIORITIES),
      subject: randomSubject(random, cluster),
      ...(ingress && { ingress: ingress.map(({ peers, ...rule }) => ({ ...rule, from: peers })) }),
      ...(egress && { egress: egress.map(({ peers, ...rule }) => ({ ...rule, to: peers })) }),
    },
  };
}

function randomSubject(random: Random, cluster: RawCluster): RawSubject {
  return random.chance(0.55)
    ? { namespaces: randomNamespaces(random, cluster) }
    : { pods: randomNamespacedPods(random, cluster) };
}

function randomRules(
  random: Random,
  cluster: RawCluster,
  peer: (action: Action) => RawClusterPeer,
): Rule[] | undefined {
  const count = random.weighted([
    [1, undefined],
    [0.3, 0],
    [4, 1],
    [4, 2],
    [3, 3],
  ]);
  if (count === undefined) {
    return undefined;
  }
  const rules = Array.from({ length: count }, () => randomRule(random, cluster, peer));
  return rules.flatMap((rule) => (random.chance(0.4) ? [rule, otherwise(random, rule)] : [rule]));
}

function randomRule(random: Random, cluster: RawCluster, peer: (action: Action) => RawClusterPeer): Rule {
  const action = random.weighted<Action>([
    [4, "Accept"],
    [4, "Deny"],
    [3, "Pass"],
  ]);
  const peerCount = random.weighted([
    [6, 1],
    [3, 2],
    [1, 3],
  ]);
  const protocolCount = random.weighted([
    [6, 0],
    [4, 1],
    [3, 2],
    [2, 3],
  ]);
  const declared = cluster.pods.flatMap(declaredPorts);
  const peers = Array.from({ length: peerCount }, () => peer(action));
  const mayBeNamed = !peers.some(isNameless);
  const protocols = Array.from({ length: protocolCount }, () =>
    randomClusterProtocol(random, declared, mayBeNamed),
  );
  return {
    action,
    peers,
    ...(protocols.length === 0 ? {} : { protocols }),
  };
}

/** A rule for the same peers that says something else about ports of which some are the same. */
function otherwise(random: Random, { action, peers, protocols }: Rule): Rule {
  const other = otherAction(random, action);
  const allowed = peers.filter((peer) => !("domainNames" in peer));
  const widened = protocols?.map((item) => overlappingProtocol(random, item));
  return {
    // Names of domains stand in rules of Accept only; where nothing else is left, the action has to stay.
    action: allowed.length > 0 ? other : action,
    peers: structuredClone(allowed.length > 0 ? allowed : peers),
    ...(widened === undefined || random.chance(0.2) ? {} : { protocols: widened }),
  };
}

function otherAction(random: Random, action: Action): Action {
  return random.pick((["Accept", "Deny", "Pass"] as const).filter((other) => other !== action));
}

/** A policy of equal priority about the same, with other actions: only the names say which comes first. */
function twin(random: Random, model: RawClusterNetworkPolicy, name: string): RawClusterNetworkPolicy {
  const spec: RawClusterNetworkPolicySpec = structuredClone(model.spec);
  for (const rule of spec.ingress ?? []) {
    rule.action = otherAction(random, rule.action);
  }
  for (const rule of spec.egress ?? []) {
    const mustAccept = rule.to.some((peer) => "domainNames" in peer);
    rule.action = mustAccept ? "Accept" : otherAction(random, rule.action);
  }
  return { ...model, metadata: { name }, spec };
}
