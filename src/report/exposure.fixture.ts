// Clusters for the tests of how exposure is told.
import { type Exposure, exposure } from "../analysis/exposure.ts";
import { buildCluster } from "../cluster/build.ts";
import { clusterPolicyObject, namespaceObject, podObject, policyObject } from "../cluster/objects.fixture.ts";
import { createEngine } from "../engine/engine.ts";
import type { ClusterPolicy, NetworkPolicy } from "../k8s/objects.ts";

/** Pods web and db of namespace shop, db with a port `sql`, and an agent on its node's network. */
export function exposureWith(...policies: (NetworkPolicy | ClusterPolicy)[]): Exposure {
  const { cluster } = buildCluster([
    namespaceObject("shop"),
    podObject("db", { labels: { app: "db" }, ports: [{ name: "sql", port: 5432, protocol: "TCP" }] }),
    podObject("web", { labels: { app: "web" } }),
    podObject("agent", { namespace: "ops", hostNetwork: true }),
    ...policies,
  ]);
  return exposure(createEngine(cluster));
}

/** Every kind of line at once. */
export function variedExposure(): Exposure {
  const db = { matchLabels: { app: "db" } };
  return exposureWith(
    policyObject("db", {
      podSelector: db,
      policyTypes: ["Ingress", "Egress"],
      ingress: [
        { from: [{ podSelector: { matchLabels: { app: "web" } } }], ports: [{ port: "sql" }] },
        { from: [{ podSelector: { matchLabels: { role: "monitoring" } } }], ports: [{ port: 9090 }] },
        { from: [{ namespaceSelector: {} }], ports: [{ port: 80 }] },
        { from: [{ ipBlock: { cidr: "10.0.0.0/8", except: ["10.1.0.0/16"] } }], ports: [{ port: 22 }] },
      ],
      egress: [
        {
          to: [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "kube-system" } } }],
          ports: [{ port: "dns", protocol: "UDP" }],
        },
      ],
    }),
    clusterPolicyObject("guard", {
      subject: { pods: { namespaceSelector: {}, podSelector: db } },
      ingress: [{ action: "Deny", from: [{ namespaces: { matchLabels: { trust: "none" } } }] }],
      egress: [
        {
          action: "Deny",
          to: [{ pods: { namespaceSelector: {}, podSelector: { matchLabels: { old: "yes" } } } }],
          protocols: [{ destinationNamedPort: "dns" }],
        },
      ],
    }),
  );
}
