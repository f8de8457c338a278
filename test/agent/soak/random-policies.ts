import { networkPolicy } from "../../apiserver/cluster-objects.ts";
import type { ApiObject } from "../../apiserver/objects.ts";
import type { Random } from "../../generators/random.ts";
import { OUTSIDE, OUTSIDE_IPV6 } from "../harness/agent-cluster.ts";
import { role } from "../objects.ts";

export const CHURNED_NAMESPACES: readonly string[] = ["red", "green", "blue"];
/** Every churned namespace has it all the time; the guarded one never. */
export const CHURNED = { churned: "yes" } as const;
export const ROLES: readonly string[] = ["a", "b", "c", "d"];
export const TRUST: readonly (string | null)[] = ["high", "low", null];
export const ZONES: readonly (string | null)[] = ["east", "west", null];

const TRUSTED = { matchLabels: { trust: "high" } };
/** Pods of either node, and somebody outside. */
const BLOCKS: readonly object[] = [
  { cidr: "10.1.0.0/16", except: ["10.1.0.208/28"] },
  { cidr: "10.2.0.192/27" },
  { cidr: "fd00:10:1::/64" },
  { cidr: "fd00:10:2::/64", except: ["fd00:10:2::d0/124"] },
  { cidr: `${OUTSIDE}/32` },
  { cidr: `${OUTSIDE_IPV6}/128` },
  { cidr: "0.0.0.0/0", except: ["10.0.0.0/8"] },
];
const PORTS: readonly object[] = [
  { port: 80 },
  { port: "web" },
  { protocol: "UDP", port: 53 },
  { port: 8000, endPort: 8999 },
  { protocol: "UDP" },
];

/** A NetworkPolicy that the API takes; sometimes in audit mode. */
export function randomNetworkPolicy(random: Random, namespace: string, name: string): ApiObject {
  const directions = random.weighted<readonly string[]>([
    [5, ["Ingress"]],
    [2, ["Egress"]],
    [2, ["Ingress", "Egress"]],
  ]);
  const policy = networkPolicy(namespace, name, {
    podSelector: random.chance(0.2) ? {} : randomPods(random),
    policyTypes: directions,
    ...(directions.includes("Ingress") ? { ingress: randomRules(random, "from") } : {}),
    ...(directions.includes("Egress") ? { egress: randomRules(random, "to") } : {}),
  });
  return random.chance(0.1) ? audited(policy) : policy;
}

/** A rule of a NetworkPolicy that lets somebody in, or out to somebody, whom nobody guards. */
export function randomHarmlessRule(random: Random, peers: "from" | "to"): object {
  const churned = { matchLabels: CHURNED };
  return {
    [peers]: [
      { namespaceSelector: churned, ...(random.chance(0.5) ? { podSelector: randomPods(random) } : {}) },
    ],
    ...randomPorts(random),
  };
}

/** A ClusterNetworkPolicy about pods of churned namespaces; sometimes one that nobody understands, or in audit mode. */
export function randomClusterPolicy(random: Random, name: string): ApiObject {
  const subject = random.chance(0.3)
    ? { namespaces: { matchLabels: CHURNED } }
    : {
        pods: {
          namespaceSelector: { matchLabels: random.chance(0.5) ? CHURNED : { ...CHURNED, trust: "high" } },
          podSelector: random.chance(0.3) ? {} : randomPods(random),
        },
      };
  const direction = random.chance(0.7) ? "ingress" : "egress";
  const rules = Array.from({ length: random.int(1, 3) }, () => randomClusterRule(random, direction));
  if (random.chance(0.15))
    rules.push({ action: "Deny", [peersOf(direction)]: [{ planets: { names: ["Mars"] } }] });
  const policy: ApiObject = {
    apiVersion: "policy.networking.k8s.io/v1alpha2",
    kind: "ClusterNetworkPolicy",
    metadata: { name },
    spec: {
      tier: random.chance(0.7) ? "Admin" : "Baseline",
      priority: random.int(10, 100),
      subject,
      [direction]: rules,
    },
  };
  return random.chance(0.1) ? audited(policy) : policy;
}

function audited(policy: ApiObject): ApiObject {
  return { ...policy, metadata: { ...policy.metadata, annotations: { "podwall.io/mode": "audit" } } };
}

function randomRules(random: Random, peers: "from" | "to"): object[] {
  if (random.chance(0.15)) return [];
  return Array.from({ length: random.int(1, 2) }, () => ({
    ...(random.chance(0.15)
      ? {}
      : { [peers]: Array.from({ length: random.int(1, 3) }, () => randomPeer(random)) }),
    ...randomPorts(random),
  }));
}

function randomPeer(random: Random): object {
  switch (random.int(0, 3)) {
    case 0:
      return { podSelector: randomPods(random) };
    case 1:
      return { namespaceSelector: random.chance(0.3) ? {} : TRUSTED };
    case 2:
      return { namespaceSelector: TRUSTED, podSelector: randomPods(random) };
    default:
      return { ipBlock: random.pick(BLOCKS) };
  }
}

function randomPods(random: Random): object {
  return random.chance(0.8)
    ? role(random.pick(ROLES))
    : { matchExpressions: [{ key: "role", operator: "NotIn", values: random.sample(ROLES, 2) }] };
}

function randomPorts(random: Random): object {
  return random.chance(0.4) ? {} : { ports: random.sample(PORTS, random.int(1, 2)) };
}

function peersOf(direction: "ingress" | "egress"): "from" | "to" {
  return direction === "ingress" ? "from" : "to";
}

function randomClusterRule(random: Random, direction: "ingress" | "egress"): object {
  const peers: (() => object)[] = [
    () => ({ namespaces: random.chance(0.3) ? {} : TRUSTED }),
    () => ({
      pods: { namespaceSelector: random.chance(0.5) ? {} : TRUSTED, podSelector: randomPods(random) },
    }),
  ];
  if (direction === "egress") {
    peers.push(
      () => ({ networks: [random.pick(["10.1.0.0/16", "fd00:10:2::/64", `${OUTSIDE}/32`])] }),
      () => ({ nodes: { matchLabels: { zone: random.pick(["east", "west"]) } } }),
    );
  }
  return {
    action: random.pick(["Accept", "Deny", "Pass"]),
    [peersOf(direction)]: [random.pick(peers)()],
    ...(random.chance(0.5)
      ? {}
      : {
          protocols: [
            random.chance(0.5)
              ? { tcp: { destinationPort: { number: random.pick([80, 8080]) } } }
              : { udp: { destinationPort: { range: { start: 50, end: 60 } } } },
          ],
        }),
  };
}
