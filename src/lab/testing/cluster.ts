import type { LabTopology } from "../topology.ts";

/**
 * Two nodes, dual stack. `beta` has no IPv6 address of its own. Listening: `shop/api` on TCP 80, UDP 53, SCTP 3868;
 * `shop/db` (other node) on TCP 3306; the host-network pods `kube/proxy-*` on TCP 10256, two of them on one node.
 */
export const TOPOLOGY: LabTopology = {
  nodes: [
    { name: "alpha", addresses: ["192.168.7.1", "fd00:7::1"] },
    { name: "beta", addresses: ["192.168.7.2"] },
  ],
  pods: [
    {
      id: "shop/api",
      node: "alpha",
      addresses: ["10.244.0.10", "fd00:244::10"],
      hostNetwork: false,
      ports: [
        { protocol: "TCP", port: 80 },
        { protocol: "UDP", port: 53 },
        { protocol: "SCTP", port: 3868 },
      ],
    },
    {
      id: "shop/web",
      node: "alpha",
      addresses: ["10.244.0.11", "fd00:244::11"],
      hostNetwork: false,
      ports: [],
    },
    {
      id: "shop/db",
      node: "beta",
      addresses: ["10.244.1.10", "fd00:244:1::10"],
      hostNetwork: false,
      ports: [{ protocol: "TCP", port: 3306 }],
    },
    ...["a", "b"].map((name) => ({
      id: `kube/proxy-${name}`,
      node: "alpha",
      addresses: ["192.168.7.1"],
      hostNetwork: true,
      ports: [{ protocol: "TCP" as const, port: 10256 }],
    })),
  ],
  externals: [
    "203.0.113.9",
    "10.244.200.1",
    "2001:db8::9",
    "0.0.0.1",
    "240.0.0.1",
    "169.254.169.254",
    "64:ff9b::1",
    "fec0::1",
  ].map((address) => ({ address })),
};
