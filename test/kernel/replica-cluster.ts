import type { RawCluster, RawNetworkPolicy, RawPod } from "../reference/raw.ts";

/** How large a cluster of replicas is. */
export interface ReplicaOptions {
  readonly namespaces: number;
  /** Workloads in each namespace, each with a policy of its own. */
  readonly workloads: number;
  /** Pods of each workload, over three nodes in turn. */
  readonly replicas: number;
  /** The port that every policy opens; default: 80. */
  readonly port?: number;
}

const NODES = 3;

/**
 * A dual-stack cluster as most are: workloads `app=w0`, `app=w1`, ... with many alike pods, and for each a policy that
 * lets in the workload before it, the same one of every namespace of its team, and a block of addresses; every other
 * workload may only send to the next.
 */
export function replicaCluster(options: ReplicaOptions): RawCluster {
  const { namespaces, workloads, replicas, port = 80 } = options;
  const cluster: RawCluster = { namespaces: [], nodes: [], pods: [], networkPolicies: [] };
  for (let i = 0; i < NODES; i++) {
    const podCIDRs = [`10.${i}.0.0/16`, `fd00:${i}::/32`];
    cluster.nodes.push({
      apiVersion: "v1",
      kind: "Node",
      metadata: { name: `node-${i}` },
      spec: { podCIDR: podCIDRs[0]!, podCIDRs },
      status: { addresses: [{ type: "InternalIP", address: `172.18.0.${i + 1}` }] },
    });
  }
  for (let n = 0; n < namespaces; n++) {
    const name = `ns-${n}`;
    const labels = { team: `team-${n % 2}` };
    cluster.namespaces.push({ apiVersion: "v1", kind: "Namespace", metadata: { name, labels } });
    for (let w = 0; w < workloads; w++) {
      for (let r = 0; r < replicas; r++) cluster.pods.push(replica(name, w, r, cluster.pods.length));
      cluster.networkPolicies.push(workloadPolicy(name, w, workloads, port));
    }
  }
  return cluster;
}

/** Pod number `r` of workload `w`; `number` is different for each pod of the cluster, and below 65,000. */
export function replica(namespace: string, w: number, r: number, number: number): RawPod {
  const node = r % NODES;
  const host = number + 2;
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: `w${w}-${r}`, namespace, labels: { app: `w${w}` } },
    spec: { nodeName: `node-${node}`, containers: [{ name: "main", ports: [{ containerPort: 80 }] }] },
    status: {
      phase: "Running",
      podIPs: [{ ip: `10.${node}.${host >> 8}.${host & 255}` }, { ip: `fd00:${node}::${host.toString(16)}` }],
    },
  };
}

function workloadPolicy(namespace: string, w: number, workloads: number, port: number): RawNetworkPolicy {
  const app = (index: number) => ({ matchLabels: { app: `w${(index + workloads) % workloads}` } });
  const team = { matchExpressions: [{ key: "team", operator: "In" as const, values: [`team-${w % 2}`] }] };
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name: `w${w}`, namespace },
    spec: {
      podSelector: app(w),
      ingress: [
        { from: [{ podSelector: app(w - 1) }], ports: [{ port }] },
        {
          from: [{ namespaceSelector: team, podSelector: app(w) }],
          ports: [{ port: port + 1, endPort: port + 9 }],
        },
        {
          from: [{ ipBlock: { cidr: "192.0.2.0/24", except: [`192.0.2.${w % 250}/32`] } }],
          ports: [{ port }],
        },
      ],
      ...(w % 2 === 0 ? {} : { egress: [{ to: [{ podSelector: app(w + 1) }] }] }),
    },
  };
}
