import { readProtocolEntry } from "./cluster-network-policy-protocol.ts";
import { readClusterPolicy } from "./cluster-policy.ts";
import type { ClusterPolicyApi } from "./cluster-policy-api.ts";
import type { InputFinding } from "./finding-codes.ts";
import type { Origin } from "./location.ts";
import type { HeadFault } from "./network-policy.ts";
import type {
  ClusterNetworkPolicy,
  ClusterNetworkPolicyAction,
  ClusterNetworkPolicyProtocol,
} from "./objects.ts";

/** The limits of the CRD, bundle v0.2.0 of network-policy-api. */
const API: ClusterPolicyApi<ClusterNetworkPolicyAction, ClusterNetworkPolicyProtocol> = {
  kind: "ClusterNetworkPolicy",
  order: ["tier", "priority"],
  actions: ["Accept", "Deny", "Pass"],
  otherActions: { Allow: "Write Accept; Allow is the word of AdminNetworkPolicy." },
  maxItems: 25,
  peers: {
    fields: {
      ingress: ["namespaces", "pods"],
      egress: ["namespaces", "pods", "nodes", "networks", "domainNames"],
    },
    needsNamespaceSelector: false,
  },
  portsField: "protocols",
  portsHelp: "Write protocols: and below it - tcp: {destinationPort: {number: 80}}.",
  readPort: readProtocolEntry,
  isNamedPort: (port) => port.destinationNamedPort !== undefined,
};

/** What {@link readClusterNetworkPolicy} made of a value. */
export interface ReadClusterNetworkPolicy {
  readonly policy: ClusterNetworkPolicy;
  readonly findings: readonly InputFinding[];
}

/** Reads a policy.networking.k8s.io/v1alpha2 ClusterNetworkPolicy; one with an error comes back as `broken`. */
export function readClusterNetworkPolicy(
  value: Readonly<Record<string, unknown>>,
  origin: Origin,
  headFault?: HeadFault,
): ReadClusterNetworkPolicy {
  const { head, tier, priority, subject, rules, findings } = readClusterPolicy(value, origin, API, headFault);
  const { ingress, egress } = rules;
  const policy: ClusterNetworkPolicy = {
    kind: "ClusterNetworkPolicy",
    ...head,
    spec: {
      tier,
      priority,
      subject,
      ...(ingress && {
        ingress: ingress.map(({ peers, ports, ...rule }) => ({
          ...rule,
          from: peers,
          ...(ports && { protocols: ports }),
        })),
      }),
      ...(egress && {
        egress: egress.map(({ peers, ports, ...rule }) => ({
          ...rule,
          to: peers,
          ...(ports && { protocols: ports }),
        })),
      }),
    },
  };
  return { policy, findings };
}
