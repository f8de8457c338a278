import type { ClusterNode } from "../../../cluster/cluster.ts";
import type { Finding } from "../../../k8s/finding.ts";
import { addressBits } from "../../../net/address.ts";
import { describePeer, describePolicy } from "../../../policy/describe.ts";
import type { Peer } from "../../../policy/policy.ts";
import { type Check, type CheckContext, findingOf } from "../check.ts";
import { countOf } from "../words.ts";
import { type EgressRule, egressRules, placeOfPeer, reaches, subjectText } from "./egress-rules.ts";
import { KUBELET_PORTS, type NodeArea, nodeAreas, peerCovering } from "./notable-addresses.ts";

/**
 * A block that covers nodes, with the ports of their kubelets. Told for each rule, where the input tells the addresses
 * of nodes. Rules that name such a port are meant.
 */
export const kubeletReachable: Check = {
  codes: ["kubelet-reachable"],
  *run(context) {
    const areas = nodeAreas(context);
    if (areas.length === 0) return;
    for (const rule of egressRules(context)) {
      const reached = kubeletsReached(context, areas, rule);
      if (reached !== undefined) yield finding(rule, reached);
    }
  },
};

interface ReachedKubelets {
  readonly nodes: number;
  readonly peer: Peer;
}

/** The kubelets that a rule lets its pods out to without naming their ports; undefined if there are none. */
export function kubeletsReached(
  { engine }: CheckContext,
  areas: readonly NodeArea[],
  rule: EgressRule,
): ReachedKubelets | undefined {
  if (namesKubeletPort(rule)) return undefined;
  const reached = new Set<ClusterNode>();
  let first: Peer | undefined;
  for (const {
    first: { address, node },
    nodes,
  } of areas) {
    const peer = peerCovering(rule.rule, address, node);
    if (peer === undefined || peer === "everyone" || isOneAddress(peer)) continue;
    if (!KUBELET_PORTS.some((port) => reaches(engine, rule, address, port))) continue;
    first ??= peer;
    for (const each of nodes) reached.add(each);
  }
  return first === undefined ? undefined : { nodes: reached.size, peer: first };
}

/** Whoever names the address of one node means that node. */
function isOneAddress(peer: Peer): boolean {
  return peer.kind === "addresses" && peer.cidr.prefix === addressBits(peer.cidr.family);
}

function namesKubeletPort({ rule: { ports } }: EgressRule): boolean {
  if (ports === "all") return false;
  return ports.some(
    (match) =>
      match.kind === "numbers" &&
      KUBELET_PORTS.some(
        ({ port }) =>
          match.ports.TCP.length === 2 && match.ports.TCP[0] === port && match.ports.TCP[1] === port,
      ),
  );
}

function finding(egress: EgressRule, { nodes, peer }: ReachedKubelets): Finding {
  const { checked, rule } = egress;
  return findingOf("kubelet-reachable", {
    position: placeOfPeer(checked, rule, peer),
    object: describePolicy(checked.policy),
    message:
      `This rule lets ${subjectText(egress)} out to the kubelets (TCP 10250) of ${countOf(nodes, "node")}, which ` +
      `start and enter pods for whoever they trust: ${describePeer(peer)} ${peer.kind === "nodes" ? "are meant with every port" : "covers them"}.`,
    help:
      peer.kind === "nodes"
        ? "If these pods have no business there, name the ports that they need."
        : "If these pods have no business there, except the addresses of the nodes from the block, or name the ports that are needed.",
  });
}
