import type { LabPod, LabPort } from "../../../src/lab/topology.ts";
import type { Requests } from "../../apiserver/requests.ts";
import type { LabSite } from "./lab-site.ts";
import { podAddresses, type TestNode } from "./nodes.ts";

/** What to make of a pod. */
export interface PodFields {
  readonly node: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly hostNetwork?: boolean;
  /** TCP port 80, named `web`, if left out. */
  readonly ports?: readonly (LabPort & { readonly name?: string })[];
  /** The number of the pod's addresses on its node; the next that was never used if left out. */
  readonly number?: number;
}

/** A pod that was created. */
export interface TestPod {
  readonly id: string;
  readonly namespace: string;
  readonly name: string;
  readonly node: string;
  readonly addresses: readonly [string, string];
}

/**
 * Does to pods what scheduler and kubelets do, in their order: an object without a node, a binding, a sandbox that has
 * its addresses and may send, and only then a status that tells of them. At the end likewise: an object with a time of
 * deletion, a sandbox that goes, addresses that are free for others, and then no object.
 */
export interface Kubelet {
  create(id: string, fields: PodFields): Promise<TestPod>;
  /** The first half of `create`: the pod runs, and the API does not know its addresses yet. `announce` is the other. */
  begin(id: string, fields: PodFields): Promise<TestPod>;
  announce(pod: TestPod): Promise<void>;
  remove(...ids: readonly string[]): Promise<void>;
  /** The first half of `remove`: the sandbox has gone, and its addresses are free, but not the object. */
  end(id: string): Promise<void>;
  /** The other half. */
  forget(id: string): Promise<void>;
  /** As a StatefulSet's pod goes to another node: removed, and created there under its name, elsewhere in the network. */
  move(id: string, node: string): Promise<TestPod>;
  /** Changes labels; null removes one. */
  label(id: string, labels: Readonly<Record<string, string | null>>): Promise<void>;
  /** Tells the new addresses of a node's host-network pods. */
  readdressed(node: string): Promise<void>;
  pod(id: string): TestPod;
}

export function startKubelet(api: Requests, site: LabSite, nodes: ReadonlyMap<string, TestNode>): Kubelet {
  const pods = new Map<string, { readonly pod: TestPod; readonly fields: PodFields }>();
  const used = new Map<string, number>();

  const numberOn = (node: string): number => {
    const number = (used.get(node) ?? 9) + 1;
    used.set(node, number);
    return number;
  };
  const pathOf = (id: string): string => {
    const [namespace, name] = id.split("/");
    return `/api/v1/namespaces/${namespace}/pods/${name}`;
  };
  const known = (id: string): { readonly pod: TestPod; readonly fields: PodFields } => {
    const found = pods.get(id);
    if (found === undefined) throw new Error(`no pod ${id} was created`);
    return found;
  };

  const kubelet: Kubelet = {
    async create(id, fields) {
      const pod = await kubelet.begin(id, fields);
      await kubelet.announce(pod);
      return pod;
    },
    async begin(id, fields) {
      const [namespace, name] = id.split("/") as [string, string];
      const node = nodes.get(fields.node);
      if (node === undefined) throw new Error(`${id}: there is no node ${fields.node}`);
      const addresses = fields.hostNetwork
        ? node.addresses
        : podAddresses(node, fields.number ?? numberOn(node.name));
      const pod: TestPod = { id, namespace, name, node: node.name, addresses };
      await api.must("POST", `/api/v1/namespaces/${namespace}/pods`, podObject(pod, fields));
      await api.must("POST", `${pathOf(id)}/binding`, {
        apiVersion: "v1",
        kind: "Binding",
        metadata: { name },
        target: { apiVersion: "v1", kind: "Node", name: node.name },
      });
      await site.start(labPod(pod, fields));
      pods.set(id, { pod, fields });
      return pod;
    },
    async announce(pod) {
      const hostIP = nodes.get(pod.node)!.addresses[0];
      const [podIP] = pod.addresses;
      const podIPs = pod.addresses.map((ip) => ({ ip }));
      const status = { phase: "Running", hostIP, podIP, podIPs };
      await api.must("PATCH", `${pathOf(pod.id)}/status`, { status });
    },
    async remove(...ids) {
      await Promise.all(ids.map((id) => kubelet.end(id)));
      await Promise.all(ids.map((id) => kubelet.forget(id)));
    },
    async end(id) {
      await api.must("DELETE", pathOf(id), { gracePeriodSeconds: 30 });
      await site.stop(id);
      await api.must("PATCH", `${pathOf(id)}/status`, { status: { phase: "Failed" } });
    },
    async forget(id) {
      await api.must("DELETE", pathOf(id), { gracePeriodSeconds: 0 });
      pods.delete(id);
    },
    async move(id, node) {
      const { number: _, ...fields } = known(id).fields;
      await kubelet.remove(id);
      return kubelet.create(id, { ...fields, node });
    },
    async label(id, labels) {
      await api.must("PATCH", pathOf(id), { metadata: { labels } });
    },
    async readdressed(node) {
      const { addresses } = nodes.get(node)!;
      for (const [id, { pod, fields }] of pods) {
        if (pod.node !== node) continue;
        const moved = fields.hostNetwork ? { ...pod, addresses } : pod;
        pods.set(id, { pod: moved, fields });
        await kubelet.announce(moved);
      }
    },
    pod: (id) => known(id).pod,
  };
  return kubelet;
}

const WEB: NonNullable<PodFields["ports"]> = [{ name: "web", protocol: "TCP", port: 80 }];

function podObject(
  { namespace, name }: TestPod,
  { labels = {}, hostNetwork, ports = WEB }: PodFields,
): object {
  const container = {
    name: "main",
    image: "example.com/none",
    ports: ports.map(({ port, ...rest }) => ({
      ...rest,
      containerPort: port,
      ...(hostNetwork ? { hostPort: port } : {}),
    })),
  };
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { namespace, name, labels },
    spec: { containers: [container], ...(hostNetwork ? { hostNetwork } : {}) },
  };
}

function labPod(pod: TestPod, { hostNetwork = false, ports = WEB }: PodFields): LabPod {
  return {
    id: pod.id,
    node: pod.node,
    addresses: pod.addresses,
    hostNetwork,
    ports: ports.map(({ protocol, port }) => ({ protocol, port })),
  };
}
