import type { ApiObject } from "../../apiserver/objects.ts";

/** A node of the lab and of the API, dual stack. */
export interface TestNode {
  readonly name: string;
  /** Tells its pods' addresses from those of other nodes. */
  readonly number: number;
  /** The node's own: IPv4 first. */
  readonly addresses: readonly [string, string];
}

export function testNode(name: string, number: number): TestNode {
  return { name, number, addresses: [`172.18.0.${number}`, `fd00:18::${number}`] };
}

/** The addresses of the pod with a number, 1-60,000, on a node. */
export function podAddresses(node: TestNode, number: number): readonly [string, string] {
  return [
    `10.${node.number}.${number >> 8}.${number & 255}`,
    `fd00:10:${node.number}::${number.toString(16)}`,
  ];
}

/** As a kubelet registers it, and a controller gives it its pod ranges. */
export function nodeObject(node: TestNode): ApiObject {
  const podCIDRs = [`10.${node.number}.0.0/16`, `fd00:10:${node.number}::/64`];
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: { name: node.name, labels: { "kubernetes.io/hostname": node.name } },
    spec: { podCIDR: podCIDRs[0], podCIDRs },
    status: nodeStatus(node.name, node.addresses),
  };
}

export function nodeStatus(name: string, addresses: readonly string[]): object {
  return {
    addresses: [
      ...addresses.map((address) => ({ type: "InternalIP", address })),
      { type: "Hostname", address: name },
    ],
    conditions: [{ type: "Ready", status: "True", reason: "KubeletReady", message: "" }],
  };
}
