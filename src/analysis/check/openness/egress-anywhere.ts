import type { Finding } from "../../../k8s/finding.ts";
import { type Address, FAMILIES } from "../../../net/address.ts";
import {
  intersectPorts,
  NO_PORTS,
  type PortSet,
  portRange,
  portSetHas,
  portsWithin,
  unionPorts,
} from "../../../net/port-set.ts";
import { describePods, describePolicy } from "../../../policy/describe.ts";
import type { Peer, Rule } from "../../../policy/policy.ts";
import { type Check, type CheckContext, findingOf } from "../check.ts";
import { hasEmptyPeers } from "../network-policy-rules.ts";
import { countOf, listOf, workloadsOf } from "../words.ts";
import {
  byNamespace,
  type EgressRule,
  egressRules,
  placeOfPeer,
  portsText,
  reaches,
} from "./egress-rules.ts";
import { kubeletsReached } from "./kubelet-reachable.ts";
import { coveringMetadata, isTooWideForAll } from "./metadata-address.ts";
import {
  API_SERVER_PORT,
  isControlPlane,
  KUBELET_PORTS,
  METADATA_ADDRESSES,
  METADATA_PORT,
  type NodeArea,
  nodeAreas,
  type PodArea,
  peerCovering,
  podAreas,
} from "./notable-addresses.ts";

/**
 * Rules that let pods out to all addresses of a family. Told once for a namespace, with what of the inside of the
 * cluster is among them: that is easily forgotten. A rule that leaves the inside out and names its ports says what it
 * means. Where another check warns of the same rule, it tells enough.
 */
export const egressAnywhere: Check = {
  codes: ["egress-anywhere"],
  *run(context) {
    for (const group of byNamespace(anywhereRules(context))) yield finding(group);
  },
};

function* anywhereRules(context: CheckContext): Iterable<AnywhereRule> {
  const places: Places = { pods: podAreas(context), nodes: nodeAreas(context) };
  for (const egress of egressRules(context)) {
    // An empty list that looks like nobody is warned of by itself.
    if (hasEmptyPeers(egress.checked, egress.rule)) continue;
    const peer = anywherePeer(egress.rule);
    if (peer === undefined || portsWithin(egress.ports, DNS)) continue;
    const inside = insideOf(context, egress, places);
    if (inside.length === 0 && egress.rule.ports !== "all") continue;
    if (!isWarnedOf(context, egress, places) && passes(context, egress)) yield { egress, peer, inside };
  }
}

interface Places {
  readonly pods: readonly PodArea[];
  readonly nodes: readonly NodeArea[];
}

interface AnywhereRule {
  readonly egress: EgressRule;
  readonly peer: Peer | "everyone";
  readonly inside: readonly Inside[];
}

/** What lies inside of a cluster, in the order of its telling. */
const INSIDE = ["pods", "metadata", "kubelets", "api-server"] as const;

type Inside = (typeof INSIDE)[number];

const INSIDE_TEXTS: Readonly<Record<Inside, string>> = {
  pods: "pods of the cluster",
  metadata: "the metadata address 169.254.169.254 of clouds",
  kubelets: "the kubelets of nodes",
  "api-server": "the API server",
};

const DNS: PortSet = unionPorts(portRange("UDP", 53), portRange("TCP", 53));

function anywherePeer({ peers }: Rule): Peer | "everyone" | undefined {
  if (peers === "everyone") return peers;
  return peers.find((peer) => peer.kind === "addresses" && peer.cidr.prefix === 0);
}

function insideOf({ engine }: CheckContext, egress: EgressRule, { pods, nodes }: Places): Inside[] {
  const { rule, ports } = egress;
  const [metadata] = METADATA_ADDRESSES as [Address];
  const coversNode = (areas: readonly NodeArea[]): boolean =>
    areas.some(({ first: { address, node } }) => peerCovering(rule, address, node) !== undefined);
  const holds: Readonly<Record<Inside, () => boolean>> = {
    pods: () => pods.some(({ address }) => peerCovering(rule, address) !== undefined),
    metadata: () =>
      peerCovering(rule, metadata) !== undefined && reaches(engine, egress, metadata, METADATA_PORT),
    kubelets: () => KUBELET_PORTS.some((port) => portSetHas(ports, port)) && coversNode(nodes),
    "api-server": () =>
      portSetHas(ports, API_SERVER_PORT) &&
      coversNode(nodes.filter((area) => area.nodes.some(isControlPlane))),
  };
  return INSIDE.filter((each) => holds[each]());
}

function isWarnedOf(context: CheckContext, egress: EgressRule, { nodes }: Places): boolean {
  const covering = coveringMetadata(context, egress);
  if (covering.length > 0 && !isTooWideForAll(egress, covering)) return true;
  return kubeletsReached(context, nodes, egress) !== undefined;
}

/** True if a policy of another tier does not take back what the rule gives. */
function passes({ engine }: CheckContext, { pods, ports }: EgressRule): boolean {
  if (pods.length === 0) return true;
  return pods.some((pod) =>
    FAMILIES.some((family) => {
      const { root } = engine.view(family).areas;
      return intersectPorts(engine.portsWithArea("egress", pod, root), ports) !== NO_PORTS;
    }),
  );
}

function finding(group: readonly AnywhereRule[]): Finding {
  const [{ egress, peer }, ...others] = group as [AnywhereRule, ...AnywhereRule[]];
  const { checked, rule } = egress;
  const pods = [...new Set(group.flatMap((each) => each.egress.pods))];
  const today = pods.length === 0 ? "" : ` (${countOf(pods.length, "pod")} today)`;
  const who =
    others.length === 0
      ? `${describePods(checked.policy.subject)}${today}`
      : pods.length === 0
        ? "their pods"
        : `${workloadsOf(pods)}${today}`;
  const ports = group.map((each) => each.egress.ports).reduce(unionPorts, NO_PORTS);
  const included = INSIDE.filter((each) => group.some(({ inside }) => inside.includes(each))).map(
    (each) => INSIDE_TEXTS[each],
  );
  const rules =
    others.length === 0 ? "This rule lets" : `This rule and ${countOf(others.length, "other")} let`;
  return findingOf("egress-anywhere", {
    position: placeOfPeer(checked, rule, peer),
    object: describePolicy(checked.policy),
    message:
      `${rules} ${who} out to every address ${portsText(ports)}` +
      `${included.length === 0 ? "." : `, ${listOf(included, included.length)} included.`}`,
    help:
      included.length === 0
        ? "If only some servers are needed, name their addresses, or at least the ports."
        : "If only the outside is meant, write an ipBlock of 0.0.0.0/0 that leaves out (except) 10.0.0.0/8, 172.16.0.0/12, " +
          "192.168.0.0/16 and 169.254.0.0/16, and name the ports.",
    related: others.slice(0, MOST_RELATED).map((each) => ({
      position: placeOfPeer(each.egress.checked, each.egress.rule, each.peer),
      object: describePolicy(each.egress.checked.policy),
      message: `${describePolicy(each.egress.checked.policy)} does too`,
    })),
  });
}

const MOST_RELATED = 5;
