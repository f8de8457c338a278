import type { Labels, Protocol, RawCluster, RawNetworkPolicy, RawNode, RawPod } from "../reference/raw.ts";
import type { RawClusterNetworkPolicy } from "../reference/raw-cluster-policy.ts";
import type { Suite, SuitePod, SuitePolicy, SuiteStep, SuiteTest } from "./suite.ts";

/** One assertion of the suite: a connection, and what must become of it in a state of the cluster. */
export interface ConformanceCase {
  /** The test, such as `CNPAdminTierEgressTCP`, and the name of its sub-test. */
  test: string;
  step: string;
  /** Counted from 1 within the test, as sub-tests poke several times. */
  number: number;
  /** The state; the very same object in cases between which nothing changes. Not to be changed. */
  cluster: RawCluster;
  /** "namespace/name" of the pods. */
  fromPod: string;
  toPod: string;
  /** The IPv4 address of `toPod`. */
  address: string;
  protocol: Protocol;
  port: number;
  /** A drop must show as silence: not as a refusal. */
  expected: "allow" | "drop";
}

/**
 * The assertions of a suite in their order. State is carried from step to step and reset between tests.
 * @throws Error when a step names what is not there.
 */
export function casesOf(suite: Suite): ConformanceCase[] {
  const base = baseCluster(suite);
  return suite.tests.flatMap((test) => casesOfTest(test, suite, base));
}

function casesOfTest(test: SuiteTest, suite: Suite, base: RawCluster): ConformanceCase[] {
  let cluster = test.initial.reduce(withPolicy, base);
  const cases: ConformanceCase[] = [];
  for (const step of test.steps) {
    if (!("poke" in step)) {
      cluster = after(step, cluster);
      continue;
    }
    const { sub, from, to, protocol, port, expect } = step.poke;
    cases.push({
      test: test.test,
      step: sub,
      number: cases.length + 1,
      cluster,
      fromPod: from,
      toPod: to,
      address: podOf(suite, to).ip,
      protocol,
      port,
      expected: expect,
    });
  }
  return cases;
}

function podOf(suite: Suite, key: string): SuitePod {
  const pod = suite.pods.find(({ ns, name }) => `${ns}/${name}` === key);
  if (pod === undefined) {
    throw new Error(`the suite has no pod ${key}`);
  }
  return pod;
}

function after(step: Exclude<SuiteStep, { poke: unknown }>, cluster: RawCluster): RawCluster {
  if ("delete" in step) {
    const kept = cluster.networkPolicies.filter((policy) => policy.metadata.name !== step.name);
    if (kept.length !== cluster.networkPolicies.length - 1) {
      throw new Error(`there is not exactly one ${step.delete} ${step.name} to delete`);
    }
    return { ...cluster, networkPolicies: kept };
  }
  return step.set === "Namespace"
    ? withNamespaceLabels(cluster, step.name, step.labels)
    : withPolicy(cluster, step.object);
}

function withNamespaceLabels(cluster: RawCluster, name: string, labels: Labels): RawCluster {
  const index = cluster.namespaces.findIndex((namespace) => namespace.metadata.name === name);
  if (index < 0) {
    throw new Error(`there is no namespace ${name} to relabel`);
  }
  const relabelled = { ...cluster.namespaces[index]!, metadata: { name, labels } };
  return { ...cluster, namespaces: cluster.namespaces.with(index, relabelled) };
}

function withPolicy(cluster: RawCluster, policy: SuitePolicy): RawCluster {
  if (policy.kind === "ClusterNetworkPolicy") {
    return {
      ...cluster,
      clusterNetworkPolicies: replaced<RawClusterNetworkPolicy>(cluster.clusterNetworkPolicies ?? [], policy),
    };
  }
  // The suite has it as applied, with a null that the API server serves as {}.
  const served = { ...policy, spec: { ...policy.spec, podSelector: policy.spec.podSelector ?? {} } };
  return { ...cluster, networkPolicies: replaced<RawNetworkPolicy>(cluster.networkPolicies, served) };
}

function replaced<T extends RawClusterNetworkPolicy | RawNetworkPolicy>(
  objects: readonly T[],
  object: T,
): T[] {
  const id = ({ metadata: { namespace, name } }: T) => `${namespace}/${name}`;
  return [...objects.filter((other) => id(other) !== id(object)), object];
}

function baseCluster({ namespaces, nodes, pods }: Suite): RawCluster {
  const nodeAddresses = Object.keys(nodes);
  return {
    namespaces: Object.entries(namespaces).map(([name, labels]) => ({
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name, labels },
    })),
    nodes: nodeAddresses.map((address, index) => rawNode(nodeName(index), address, nodes[address]!)),
    pods: pods.map((pod) => rawPod(pod, nodeAddresses)),
    networkPolicies: [],
    clusterNetworkPolicies: [],
  };
}

function nodeName(index: number): string {
  return `worker-${index + 1}`;
}

function rawNode(name: string, address: string, labels: Labels): RawNode {
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: { name, labels },
    status: {
      addresses: [
        { type: "InternalIP", address },
        { type: "Hostname", address: name },
      ],
    },
  };
}

/**
 * A host-network pod is on the node whose address it has. Of the others nothing is said; the replicas of a StatefulSet
 * are spread, so that there is traffic within a node and between nodes.
 */
function rawPod({ ns, name, labels, ip, host, ports }: SuitePod, nodeAddresses: readonly string[]): RawPod {
  const index = host ? nodeAddresses.indexOf(ip) : Number(name.slice(name.lastIndexOf("-") + 1));
  if (index < 0 || index >= nodeAddresses.length) {
    throw new Error(`there is no node for the pod ${ns}/${name}`);
  }
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: ns, labels },
    spec: {
      nodeName: nodeName(index),
      ...(host ? { hostNetwork: true } : {}),
      containers: [
        { name: "main", image: "example.com/app", ports: ports.map((port) => servedPort(port, host)) },
      ],
    },
    status: { phase: "Running", podIP: ip, podIPs: [{ ip }] },
  };
}

/** On the host network the API server sets `hostPort` too. */
function servedPort<T extends { containerPort: number }>(port: T, host: boolean): T {
  return host ? { ...port, hostPort: port.containerPort } : { ...port };
}
