import type { Protocol } from "../reference/raw.ts";
import type {
  RawAdminNetworkPolicy,
  RawAdminPort,
  RawBaselineAdminNetworkPolicy,
  RawClusterNetworkPolicy,
  RawClusterPeer,
  RawClusterProtocol,
  RawDestinationPort,
} from "../reference/raw-cluster-policy.ts";

type Rule<Peers> = Peers & { action: "Accept" | "Deny" | "Pass"; protocols?: RawClusterProtocol[] };

/** The same policy in the older API, as an AdminNetworkPolicy of the same name and priority. */
export function asAdminNetworkPolicy({ metadata, spec }: RawClusterNetworkPolicy): RawAdminNetworkPolicy {
  const { priority, subject, ingress, egress } = spec;
  return {
    apiVersion: "policy.networking.k8s.io/v1alpha1",
    kind: "AdminNetworkPolicy",
    metadata,
    spec: {
      priority,
      subject,
      ...(ingress && { ingress: ingress.map((rule) => asAdminRule(rule)) }),
      ...(egress && { egress: egress.map((rule) => asAdminRule(rule)) }),
    },
  };
}

/** The same, where Pass becomes Allow: behind Baseline nothing else comes. It knows no `domainNames`. */
export function asBaselineAdminNetworkPolicy(policy: RawClusterNetworkPolicy): RawBaselineAdminNetworkPolicy {
  const { subject, ingress, egress } = asAdminNetworkPolicy(policy).spec;
  const withoutPass = <T extends { action: string }>(rules: readonly T[]) =>
    rules.map((rule) => (rule.action === "Pass" ? { ...rule, action: "Allow" as const } : rule));
  const withoutDomains = (peers: RawClusterPeer[]) => peers.filter((peer) => !("domainNames" in peer));
  return {
    apiVersion: "policy.networking.k8s.io/v1alpha1",
    kind: "BaselineAdminNetworkPolicy",
    metadata: { name: "default" },
    spec: {
      subject,
      ...(ingress && { ingress: withoutPass(ingress) }),
      ...(egress && {
        egress: withoutPass(egress)
          .map((rule) => ({ ...rule, to: withoutDomains(rule.to) }))
          .filter((rule) => rule.to.length > 0),
      }),
    },
  };
}

function asAdminRule<Peers>({ action, protocols, ...peers }: Rule<Peers>): Omit<
  Rule<Peers>,
  "action" | "protocols"
> & {
  action: "Allow" | "Deny" | "Pass";
  ports?: RawAdminPort[];
} {
  return {
    action: action === "Accept" ? "Allow" : action,
    ...peers,
    ...(protocols && { ports: protocols.map(asAdminPort) }),
  };
}

/** What is unknown there stays unknown here. */
function asAdminPort({ tcp, udp, sctp, destinationNamedPort }: RawClusterProtocol): RawAdminPort {
  if (destinationNamedPort !== undefined) {
    return { namedPort: destinationNamedPort };
  }
  if (tcp !== undefined) {
    return portOf("TCP", tcp.destinationPort);
  }
  return udp !== undefined ? portOf("UDP", udp.destinationPort) : portOf("SCTP", sctp?.destinationPort);
}

function portOf(protocol: Protocol, destinationPort: RawDestinationPort | undefined): RawAdminPort {
  if (destinationPort?.number !== undefined) {
    return { portNumber: { protocol, port: destinationPort.number } };
  }
  return destinationPort?.range === undefined ? {} : { portRange: { protocol, ...destinationPort.range } };
}
