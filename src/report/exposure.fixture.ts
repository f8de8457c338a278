// Clusters for the tests of how exposure is told.
import { type Exposure, exposure } from "../analysis/exposure.ts";
import { type Published, published } from "../analysis/published.ts";
import { buildCluster } from "../cluster/build.ts";
import { clusterPolicyObject, namespaceObject, podObject, policyObject } from "../cluster/objects.fixture.ts";
import { createEngine } from "../engine/engine.ts";
import { parseManifests } from "../k8s/manifests.ts";
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

/** What the manifests publish. */
export function publishedBy(...texts: string[]): Published {
  const { objects } = parseManifests([{ file: "input", text: texts.join("\n---\n") }]);
  return published(createEngine(buildCluster(objects).cluster));
}

/** Pods web and api of namespace shop, web open to one block only. */
export const SHOP = `
{apiVersion: v1, kind: Pod, metadata: {name: web, namespace: shop, labels: {app: web}}, spec: {nodeName: n1, containers: [{name: c, ports: [{name: http, containerPort: 8080}]}]}}
---
{apiVersion: v1, kind: Pod, metadata: {name: api, namespace: shop, labels: {app: api}}, spec: {nodeName: n2, containers: [{name: c}]}}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web, namespace: shop}
spec:
  podSelector: {matchLabels: {app: web}}
  ingress: [{from: [{ipBlock: {cidr: 203.0.113.0/24, except: [203.0.113.0/28]}}], ports: [{port: http}]}]
`;

/** A Service of type LoadBalancer with ports of every outcome, and one that leads nowhere. */
export const SERVICES = `
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec:
  type: LoadBalancer
  selector: {app: web}
  loadBalancerSourceRanges: [198.51.100.0/24]
  ports:
  - {name: http, port: 80, targetPort: http, nodePort: 30080}
  - {name: ssh, port: 22}
  - {name: admin, port: 81, targetPort: admin}
status: {loadBalancer: {ingress: [{ip: 192.0.2.1}]}}
---
{apiVersion: v1, kind: Service, metadata: {name: api, namespace: shop}, spec: {type: NodePort, selector: {app: api}, ports: [{port: 80, targetPort: 8080}]}}
---
{apiVersion: v1, kind: Service, metadata: {name: none, namespace: shop}, spec: {type: NodePort, selector: {app: none}, ports: [{port: 80}]}}
---
{apiVersion: v1, kind: Service, metadata: {name: bare, namespace: shop}, spec: {externalIPs: [192.0.2.9], ports: [{port: 80}]}}
`;

/** An Ingress to web, to api, and to a Service that is not there. */
export const INGRESS = `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: site, namespace: shop}
spec:
  ingressClassName: nginx
  rules:
  - host: shop.example.com
    http:
      paths:
      - {path: /, pathType: Prefix, backend: {service: {name: web, port: {name: http}}}}
      - {path: /api, pathType: Prefix, backend: {service: {name: api, port: {number: 80}}}}
      - {path: /x, pathType: Prefix, backend: {service: {name: gone, port: {number: 80}}}}
      - {path: /y, pathType: Prefix, backend: {service: {name: api, port: {number: 81}}}}
      - {path: /z, pathType: Prefix, backend: {service: {name: none, port: {number: 80}}}}
`;

/** The controller of the Ingress. */
export const CONTROLLER = `
{apiVersion: networking.k8s.io/v1, kind: IngressClass, metadata: {name: nginx}, spec: {controller: k8s.io/ingress-nginx}}
---
{apiVersion: v1, kind: Pod, metadata: {name: nginx, namespace: ingress-nginx, labels: {app.kubernetes.io/name: ingress-nginx}}, spec: {containers: [{name: c}]}}
`;
