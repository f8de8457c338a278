import type { FieldPath } from "../k8s/location.ts";
import type {
  Direction,
  NetworkPolicy,
  NetworkPolicyPeer,
  NetworkPolicyPort,
  NetworkPolicySpec,
} from "../k8s/objects.ts";
import { portRange, wholeProtocol } from "../net/port-set.ts";
import { cidrOfValidated } from "./cidr-of-validated.ts";
import type { Peer, Policy, PortMatch, Rule } from "./policy.ts";

/** A validated NetworkPolicy as a policy of the tier NetworkPolicy. */
export function fromNetworkPolicy(source: NetworkPolicy): Policy {
  const { spec, namespace } = source;
  return {
    kind: "NetworkPolicy",
    id: `${namespace}/${source.name}`,
    tier: "NetworkPolicy",
    priority: 0,
    subject: { namespaces: { kind: "name", name: namespace }, pods: spec.podSelector },
    isolates: isolatedDirections(spec),
    rules: {
      ingress: (spec.ingress ?? []).map((rule, index) =>
        networkPolicyRule("ingress", index, rule.from, rule.ports, namespace),
      ),
      egress: (spec.egress ?? []).map((rule, index) =>
        networkPolicyRule("egress", index, rule.to, rule.ports, namespace),
      ),
    },
    broken: source.broken,
    audit: source.audit === true,
    origin: source.origin,
  };
}

/**
 * The directions of `policyTypes`. Where it is missing or empty: Ingress, and Egress if there is at least one
 * egress rule (NetworkPolicySpec.policyTypes; an empty `egress` list isolates nothing by itself).
 */
export function isolatedDirections(spec: NetworkPolicySpec): Record<Direction, boolean> {
  const types = spec.policyTypes ?? [];
  if (types.length > 0) return { ingress: types.includes("Ingress"), egress: types.includes("Egress") };
  return { ingress: true, egress: (spec.egress ?? []).length > 0 };
}

function networkPolicyRule(
  direction: Direction,
  index: number,
  peers: readonly NetworkPolicyPeer[] | undefined,
  ports: readonly NetworkPolicyPort[] | undefined,
  namespace: string,
): Rule {
  // Joined by concat: a list that is written with a spread has room for sixteen more, and there are many.
  const path: FieldPath = ["spec", direction, index];
  const peersField = direction === "ingress" ? "from" : "to";
  return {
    direction,
    index,
    action: "Accept",
    peers:
      peers === undefined || peers.length === 0
        ? "everyone"
        : peers.map((peer, i) => peerOf(peer, namespace, path.concat(peersField, i))),
    ports:
      ports === undefined || ports.length === 0
        ? "all"
        : ports.map((port, i) => portMatchOf(port, path.concat("ports", i))),
    path,
  };
}

function peerOf(peer: NetworkPolicyPeer, namespace: string, path: FieldPath): Peer {
  if (peer.ipBlock !== undefined) {
    return {
      kind: "addresses",
      cidr: cidrOfValidated(peer.ipBlock.cidr),
      except: (peer.ipBlock.except ?? []).map(cidrOfValidated),
      path,
    };
  }
  return {
    kind: "pods",
    selection: {
      // Without a namespaceSelector, a podSelector reaches no further than the policy's own namespace.
      namespaces:
        peer.namespaceSelector === undefined
          ? { kind: "name", name: namespace }
          : { kind: "selector", selector: peer.namespaceSelector },
      pods: peer.podSelector ?? {},
    },
    path,
  };
}

function portMatchOf(port: NetworkPolicyPort, path: FieldPath): PortMatch {
  const protocol = port.protocol ?? "TCP";
  if (typeof port.port === "string") return { kind: "name", protocol, name: port.port, path };
  if (port.port === undefined) return { kind: "numbers", ports: wholeProtocol(protocol), path };
  return { kind: "numbers", ports: portRange(protocol, port.port, port.endPort ?? port.port), path };
}
