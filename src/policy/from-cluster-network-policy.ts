import type { FieldPath } from "../k8s/location.ts";
import type {
  ClusterNetworkPolicy,
  ClusterNetworkPolicyEgressRule,
  ClusterNetworkPolicyIngressRule,
  ClusterNetworkPolicyProtocol,
  ClusterPolicyPeer,
  DestinationPort,
  Direction,
} from "../k8s/objects.ts";
import { type PortSet, portRange, type Transport } from "../net/port-set.ts";
import { clusterPolicyRule } from "./cluster-policy-rule.ts";
import { clusterPolicyOf } from "./from-cluster-policy.ts";
import type { Policy, PortMatch, Rule } from "./policy.ts";

/** A validated ClusterNetworkPolicy as a policy of its tier. A broken one closes its subject. */
export function fromClusterNetworkPolicy(source: ClusterNetworkPolicy): Policy {
  const { tier, priority, ingress = [], egress = [] } = source.spec;
  return clusterPolicyOf(source, tier, priority, {
    ingress: ingress.map((rule, index) => ruleOf("ingress", index, rule, rule.from)),
    egress: egress.map((rule, index) => ruleOf("egress", index, rule, rule.to)),
  });
}

function ruleOf(
  direction: Direction,
  index: number,
  {
    name,
    action,
    protocols,
  }: Omit<ClusterNetworkPolicyIngressRule & ClusterNetworkPolicyEgressRule, "from" | "to">,
  peers: readonly ClusterPolicyPeer[],
): Rule {
  const rule = { name, action, peers, ports: protocols, portsField: "protocols" } as const;
  return clusterPolicyRule(direction, index, rule, portMatchOf);
}

/** Undefined for a protocol of a kind that is not known. */
function portMatchOf(entry: ClusterNetworkPolicyProtocol, path: FieldPath): PortMatch | undefined {
  const { tcp, udp, sctp, destinationNamedPort: name } = entry;
  if (name !== undefined) return { kind: "name", protocol: "any", name, path };
  if (tcp !== undefined) return { kind: "numbers", ports: portsOf("TCP", tcp.destinationPort), path };
  if (udp !== undefined) return { kind: "numbers", ports: portsOf("UDP", udp.destinationPort), path };
  if (sctp !== undefined) return { kind: "numbers", ports: portsOf("SCTP", sctp.destinationPort), path };
  return undefined;
}

function portsOf(protocol: Transport, { number, range }: DestinationPort): PortSet {
  if (number !== undefined) return portRange(protocol, number);
  if (range !== undefined) return portRange(protocol, range.start, range.end);
  throw new Error("validation let an empty destinationPort pass");
}
