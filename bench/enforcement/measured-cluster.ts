import type {
  ContainerPort,
  Labels,
  NetworkPolicy,
  NetworkPolicyPeer,
  NetworkPolicySpec,
  Pod,
} from "../../src/k8s/objects.ts";
import { GENERATED, type GeneratedCluster, generateNamespace } from "../profiles/inventory.ts";
import { profileNamed } from "../profiles/profiles.ts";

/** The node whose kernel is measured, one of the profile's; it has about as many pods as every other one. */
export const NODE = "node-0001";

const NAMESPACE = "measured";

/** The ports of the server pod that the client pod may use: for new connections, for one stream, and for several. */
export const SERVER_PORTS = { connections: 8080, stream: 9000, streams: 9001 } as const;

const STREAM_PORTS = { port: SERVER_PORTS.stream, endPort: SERVER_PORTS.streams };

/** Addresses above those that the generator gives to pods of this node. */
export const CLIENT_ADDRESS = "10.0.0.251";
export const SERVER_ADDRESS = "10.0.0.252";

/** How many pods on {@link NODE} the policy {@link tenPodsPolicy} selects. */
export const TOUCHED_PODS = 10;

/** Policies around the measured pods; a cluster with few policies has these alone. */
export const MEASURED_POLICIES: readonly NetworkPolicy[] = [
  policy("default-deny", { podSelector: {}, policyTypes: ["Ingress", "Egress"] }),
  ingress("server-from-web", [component("web")], [{ port: 443 }]),
  ingress("server-from-api", [component("api")], [{ port: 443 }, { port: 8443 }]),
  ingress("server-from-teams", [team("team-1"), team("team-2")], [{ port: 8080 }, { port: 8443 }]),
  ingress("server-from-monitoring", [purpose("monitoring")], [{ port: 9100, endPort: 9199 }]),
  ingress(
    "server-from-office",
    [{ ipBlock: { cidr: "192.168.0.0/16", except: ["192.168.7.0/24"] } }],
    [{ port: 443 }],
  ),
  ingress(
    "server-from-client",
    [{ podSelector: { matchLabels: { app: "client" } } }],
    [{ port: SERVER_PORTS.connections }, STREAM_PORTS],
  ),
  egress(
    "client-to-dns",
    [{ ...purpose("system"), podSelector: { matchLabels: { "k8s-app": "kube-dns" } } }],
    [{ protocol: "UDP", port: 53 }, { port: 53 }],
  ),
  egress(
    "client-to-services",
    [component("api"), component("db"), { podSelector: {} }],
    [{ port: 5432 }, { port: SERVER_PORTS.connections }, STREAM_PORTS],
  ),
  tenPodsPolicy(5432),
];

/** A policy that selects {@link TOUCHED_PODS} pods of {@link NODE}, no two of a class, with a port to be changed. */
export function tenPodsPolicy(port: number): NetworkPolicy {
  return policy("ten-from-workers", {
    podSelector: { matchLabels: { group: "ten" } },
    policyTypes: ["Ingress"],
    ingress: [{ from: [component("worker")], ports: [{ port: "own" }, { port }] }],
  });
}

/**
 * Profile b (100,000 pods of the usual kind) with two pods of one node that may talk to each other through class
 * chains of several rules and sets of thousands of peers. With `many` policies its own ones come to the
 * {@link MEASURED_POLICIES}; the ways of the measured packets differ in nothing.
 */
export function measuredCluster(policies: "few" | "many", scale: number): GeneratedCluster {
  const generated = profileNamed("b").generate(scale);
  // Their policies select other namespaces' pods only, so that the measured pods have the same chains either way.
  const own = policies === "few" ? [] : generated.policies.slice(MEASURED_POLICIES.length);
  const extra = [
    measuredPod({ app: "client" }, CLIENT_ADDRESS),
    measuredPod({ app: "server" }, SERVER_ADDRESS),
    ...Array.from({ length: TOUCHED_PODS }, (_, i) =>
      // A named port that is another in each of them makes them ten classes.
      measuredPod({ app: `ten-${i}`, group: "ten" }, `10.0.0.${240 + i}`, [
        { name: "own", port: 6000 + i, protocol: "TCP" },
      ]),
    ),
  ];
  const addresses = new Set(extra.flatMap((pod) => pod.addresses));
  const taken = generated.pods.find((pod) => pod.addresses.some((address) => addresses.has(address)));
  if (taken !== undefined) throw new Error(`pod ${taken.name} has an address of the measured pods`);
  return {
    ...generated,
    namespaces: [...generated.namespaces, generateNamespace(NAMESPACE, { purpose: "measuring" })],
    // In the place of as many others, so that the cluster keeps its size and the node its number of pods.
    pods: [...withoutSome(generated.pods, extra.length), ...extra],
    policies: [...own, ...MEASURED_POLICIES],
  };
}

function withoutSome(pods: readonly Pod[], count: number): Pod[] {
  let left = count;
  return pods.filter((pod) => pod.nodeName !== NODE || left-- <= 0);
}

function measuredPod(
  labels: Labels & { readonly app: string },
  address: string,
  ports: readonly ContainerPort[] = [],
): Pod {
  return {
    kind: "Pod",
    namespace: NAMESPACE,
    name: `${labels.app}-0`,
    labels,
    ports,
    hostNetwork: false,
    nodeName: NODE,
    addresses: [address],
    hostAddresses: [],
    phase: "Running",
    controller: { kind: "ReplicaSet", name: labels.app },
    origin: GENERATED,
  };
}

function policy(name: string, spec: NetworkPolicySpec): NetworkPolicy {
  return { kind: "NetworkPolicy", namespace: NAMESPACE, name, spec, broken: false, origin: GENERATED };
}

type Ports = NonNullable<NonNullable<NetworkPolicySpec["ingress"]>[number]["ports"]>;

function ingress(name: string, from: readonly NetworkPolicyPeer[], ports: Ports): NetworkPolicy {
  const podSelector = { matchLabels: { app: "server" } };
  return policy(name, { podSelector, policyTypes: ["Ingress"], ingress: [{ from, ports }] });
}

function egress(name: string, to: readonly NetworkPolicyPeer[], ports: Ports): NetworkPolicy {
  const podSelector = { matchLabels: { app: "client" } };
  return policy(name, { podSelector, policyTypes: ["Egress"], egress: [{ to, ports }] });
}

function component(name: string): NetworkPolicyPeer {
  return { namespaceSelector: {}, podSelector: { matchLabels: { component: name } } };
}

function team(name: string): NetworkPolicyPeer {
  return { namespaceSelector: { matchLabels: { team: name } } };
}

function purpose(name: string): NetworkPolicyPeer {
  return { namespaceSelector: { matchLabels: { purpose: name } } };
}
