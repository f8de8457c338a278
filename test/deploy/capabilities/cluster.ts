import type { Cluster } from "../../../src/cluster/cluster.ts";
import { clusterFromSources } from "../../../src/source/load-cluster.ts";

const PODS = ["a", "b"]
  .map(
    (name, i) => `---
apiVersion: v1
kind: Pod
metadata: {name: ${name}, namespace: shop, labels: {app: ${name}}}
spec: {nodeName: one, containers: [{name: main}]}
status: {podIPs: [{ip: "10.244.0.${i + 1}"}, {ip: "fd00:10:244::${i + 1}"}]}
`,
  )
  .join("");

const CLOSED = `---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: closed, namespace: shop}
spec: {podSelector: {matchLabels: {app: b}}}
`;

/** Two pods of node `one`: `shop/b` is open to `shop/a`, or closed. */
export function clusterOf(state: "open" | "closed"): Cluster {
  const text = state === "open" ? PODS : PODS + CLOSED;
  return clusterFromSources([{ file: "pods", text }], {}).cluster;
}
