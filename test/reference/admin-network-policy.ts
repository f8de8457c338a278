import type {
  RawAdminNetworkPolicy,
  RawAdminPort,
  RawBaselineAdminNetworkPolicy,
  RawClusterNetworkPolicy,
  RawClusterProtocol,
} from "./raw-cluster-policy.ts";

/** The v1alpha1 policy in the words of v1alpha2, which means the same by Accept as v1alpha1 by Allow. */
export function adminNetworkPolicyAsCluster(policy: RawAdminNetworkPolicy): RawClusterNetworkPolicy {
  return asCluster(policy, "Admin", policy.spec.priority);
}

/**
 * The v1alpha1 policy in the words of v1alpha2. It has no priority; that of the result is the last one, which a
 * ClusterNetworkPolicy may have too, so the order is for the caller to see to.
 */
export function baselineAdminNetworkPolicyAsCluster(
  policy: RawBaselineAdminNetworkPolicy,
): RawClusterNetworkPolicy {
  return asCluster(policy, "Baseline", 1000);
}

function asCluster(
  { metadata, spec }: RawAdminNetworkPolicy | RawBaselineAdminNetworkPolicy,
  tier: "Admin" | "Baseline",
  priority: number,
): RawClusterNetworkPolicy {
  const { subject, ingress = [], egress = [] } = spec;
  return {
    apiVersion: "policy.networking.k8s.io/v1alpha2",
    kind: "ClusterNetworkPolicy",
    metadata,
    spec: {
      tier,
      priority,
      subject,
      ingress: ingress.map(({ action, from, ports }) => ({
        action: actionOf(action, tier),
        from,
        ...protocolsOf(ports),
      })),
      egress: egress.map(({ action, to, ports }) => ({
        action: actionOf(action, tier),
        to,
        ...protocolsOf(ports),
      })),
    },
  };
}

function actionOf(action: string, tier: "Admin" | "Baseline"): "Accept" | "Deny" | "Pass" {
  if (action === "Allow") {
    return "Accept";
  }
  if (action === "Deny" || (action === "Pass" && tier === "Admin")) {
    return action;
  }
  throw new Error(`the action "${action}" in tier ${tier}; the API server refuses that`);
}

/** An empty list of ports does not filter, just like none. */
function protocolsOf(ports: RawAdminPort[] | undefined): { protocols?: RawClusterProtocol[] } {
  return ports && ports.length > 0 ? { protocols: ports.map(protocolOf) } : {};
}

function protocolOf(port: RawAdminPort): RawClusterProtocol {
  const { portNumber, portRange, namedPort } = port;
  const known = [portNumber, portRange, namedPort].filter((value) => value !== undefined && value !== null);
  if (known.length > 1) {
    throw new Error(`a port has several fields, ${JSON.stringify(port)}; the API server refuses that`);
  }
  if (namedPort) {
    return { destinationNamedPort: namedPort };
  }
  if (portNumber) {
    return withTransport(portNumber.protocol, { number: portNumber.port });
  }
  if (portRange) {
    return withTransport(portRange.protocol, { range: { start: portRange.start, end: portRange.end } });
  }
  // An item without a field that is known, there as here.
  return {};
}

function withTransport(
  protocol: "TCP" | "UDP" | "SCTP" | undefined,
  destinationPort: { number: number } | { range: { start: number; end: number } },
): RawClusterProtocol {
  const field = ({ TCP: "tcp", UDP: "udp", SCTP: "sctp" } as const)[protocol ?? "TCP"];
  return { [field]: { destinationPort } };
}
