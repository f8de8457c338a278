import type {
  Labels,
  RawCluster,
  RawContainerPort,
  RawNamespace,
  RawNetworkPolicy,
  RawNetworkPolicySpec,
  RawNode,
  RawPod,
} from "./raw.ts";

/** Short ways to write down a cluster in a test. Names of pods and policies are "namespace/name". */
export function namespace(name: string, labels: Labels = {}): RawNamespace {
  return { apiVersion: "v1", kind: "Namespace", metadata: { name, labels } };
}

export function node(name: string, addresses: readonly string[]): RawNode {
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: { name },
    status: {
      addresses: [
        ...addresses.map((address) => ({ type: "InternalIP", address })),
        { type: "Hostname", address: name },
      ],
    },
  };
}

export interface PodFields {
  labels?: Labels;
  /** [] for a pod that has none yet. */
  ips?: readonly string[];
  node?: string;
  hostNetwork?: boolean;
  phase?: string;
  ports?: RawContainerPort[];
  /** Ports of a second container. */
  morePorts?: RawContainerPort[];
  sidecarPorts?: RawContainerPort[];
  initPorts?: RawContainerPort[];
  terminating?: boolean;
}

export function pod(key: string, fields: PodFields = {}): RawPod {
  const [namespaceName, name] = key.split("/");
  const { labels = {}, ips = [], ports = [], morePorts = [], sidecarPorts = [], initPorts = [] } = fields;
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name: name!,
      namespace: namespaceName!,
      labels,
      ...(fields.terminating ? { deletionTimestamp: "2026-01-01T00:00:00Z" } : {}),
    },
    spec: {
      nodeName: fields.node ?? "node-1",
      ...(fields.hostNetwork === undefined ? {} : { hostNetwork: fields.hostNetwork }),
      containers: [
        { name: "main", image: "example.com/app", ports },
        { name: "second", image: "example.com/app", ports: morePorts },
      ],
      initContainers: [
        { name: "sidecar", image: "example.com/app", restartPolicy: "Always", ports: sidecarPorts },
        { name: "init", image: "example.com/app", ports: initPorts },
      ],
    },
    status: {
      phase: fields.phase ?? "Running",
      ...(ips[0] === undefined ? {} : { podIP: ips[0], podIPs: ips.map((ip) => ({ ip })) }),
    },
  };
}

export function policy(key: string, spec: Partial<RawNetworkPolicySpec>): RawNetworkPolicy {
  const [namespaceName, name] = key.split("/");
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name: name!, namespace: namespaceName! },
    spec: { podSelector: {}, ...spec },
  };
}

/**
 * Two nodes; `shop` (team=a) with `shop/web` (app=web) on node-1 and `shop/db` (app=db) on node-2, `ops` (team=b)
 * with `ops/web`, labelled as the one of `shop`, on node-2. All are dual-stack.
 */
export function smallCluster(
  networkPolicies: RawNetworkPolicy[],
  morePods: RawPod[] = [],
  db: PodFields = {},
): RawCluster {
  return {
    namespaces: [namespace("shop", { team: "a" }), namespace("ops", { team: "b" })],
    nodes: [
      node("node-1", ["172.18.0.2", "fd00:172:18::2"]),
      node("node-2", ["172.18.0.3", "fd00:172:18::3"]),
    ],
    pods: [
      pod("shop/web", { labels: { app: "web" }, ips: ["10.244.1.1", "fd00:10:244:1::1"], node: "node-1" }),
      pod("shop/db", {
        labels: { app: "db" },
        ips: ["10.244.2.1", "fd00:10:244:2::1"],
        node: "node-2",
        ...db,
      }),
      pod("ops/web", { labels: { app: "web" }, ips: ["10.244.2.2", "fd00:10:244:2::2"], node: "node-2" }),
      ...morePods,
    ],
    networkPolicies,
  };
}
