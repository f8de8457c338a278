const SELECTOR = {
  matchLabels: { app: "a" },
  matchExpressions: [
    { key: "tier", operator: "In", values: ["a", "b"] },
    { key: "tier", operator: "Exists" },
  ],
};

const METADATA = {
  name: "full",
  generateName: "full-",
  labels: { app: "a" },
  annotations: { "example.com/a": "b" },
  creationTimestamp: "2026-01-02T03:04:05Z",
  deletionGracePeriodSeconds: 1,
  generation: 1,
  uid: "u",
  selfLink: "/a",
  finalizers: ["example.com/a"],
  ownerReferences: [],
  managedFields: [],
};

/** A NetworkPolicy that has every field, so that every field can be given a wrong value. */
export const FULL_POLICY: object = {
  apiVersion: "networking.k8s.io/v1",
  kind: "NetworkPolicy",
  metadata: { ...METADATA, namespace: "default" },
  spec: {
    podSelector: SELECTOR,
    policyTypes: ["Ingress", "Egress"],
    ingress: [
      {
        from: [
          { podSelector: SELECTOR, namespaceSelector: SELECTOR },
          { ipBlock: { cidr: "10.0.0.0/8", except: ["10.1.0.0/16"] } },
        ],
        ports: [{ protocol: "TCP", port: 80, endPort: 443 }, { port: "http" }],
      },
    ],
    egress: [{ to: [{ ipBlock: { cidr: "fd00::/8" } }], ports: [{ protocol: "UDP", port: 53 }] }],
  },
};

/** The same of a ClusterNetworkPolicy, as far as the standard channel has the fields. */
export const FULL_CLUSTER_POLICY: object = {
  apiVersion: "policy.networking.k8s.io/v1alpha2",
  kind: "ClusterNetworkPolicy",
  metadata: METADATA,
  spec: {
    tier: "Admin",
    priority: 5,
    subject: { pods: { namespaceSelector: SELECTOR, podSelector: SELECTOR } },
    ingress: [
      {
        name: "in",
        action: "Accept",
        from: [{ namespaces: SELECTOR }, { pods: { namespaceSelector: {}, podSelector: SELECTOR } }],
        protocols: [
          { tcp: { destinationPort: { number: 80 } } },
          { udp: { destinationPort: { range: { start: 80, end: 443 } } } },
          { destinationNamedPort: "http" },
        ],
      },
    ],
    egress: [{ action: "Deny", to: [{ networks: ["10.0.0.0/8", "fd00::/8"] }] }],
  },
};
