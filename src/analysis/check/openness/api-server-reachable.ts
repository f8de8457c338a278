import type { Finding } from "../../../k8s/finding.ts";
import { type Address, addressBits, formatAddress } from "../../../net/address.ts";
import { describePeer, describePolicy } from "../../../policy/describe.ts";
import type { AddressPeer } from "../../../policy/policy.ts";
import { type Check, type CheckContext, findingOf } from "../check.ts";
import { countOf, workloadsOf } from "../words.ts";
import { byNamespace, type EgressRule, egressRules, placeOfPeer, reaches } from "./egress-rules.ts";
import { kubeletsReached } from "./kubelet-reachable.ts";
import { API_SERVER_PORT, isControlPlane, nodeAreas, peerCovering } from "./notable-addresses.ts";

/**
 * Blocks that let pods out to the API server. Told once for a namespace, where the input has the nodes that it runs on.
 * Of blocks of all addresses `egress-anywhere` tells, and of those that `kubelet-reachable` warns of, that is enough.
 */
export const apiServerReachable: Check = {
  codes: ["api-server-reachable"],
  *run(context) {
    for (const group of byNamespace(reachingRules(context))) yield finding(group);
  },
};

interface ReachingRule {
  readonly egress: EgressRule;
  readonly peer: AddressPeer;
  /** Of the API server. */
  readonly address: Address;
}

function* reachingRules(context: CheckContext): Iterable<ReachingRule> {
  const servers = nodeAreas(context, isControlPlane);
  if (servers.length === 0) return;
  const nodes = nodeAreas(context);
  for (const egress of egressRules(context)) {
    for (const { first } of servers) {
      const peer = peerCovering(egress.rule, first.address, first.node);
      if (peer === undefined || peer === "everyone" || peer.kind !== "addresses" || peer.cidr.prefix === 0)
        continue;
      if (!reaches(context.engine, egress, first.address, API_SERVER_PORT)) continue;
      if (kubeletsReached(context, nodes, egress) === undefined)
        yield { egress, peer, address: first.address };
      break;
    }
  }
}

/** True for a block that was hardly written for the API server alone. */
function isWide({ cidr }: AddressPeer): boolean {
  return cidr.prefix < addressBits(cidr.family) - 4;
}

const MOST_RELATED = 5;

function finding(group: readonly ReachingRule[]): Finding {
  const [{ egress, peer, address }, ...others] = group as [ReachingRule, ...ReachingRule[]];
  const { checked, rule } = egress;
  const pods = [...new Set(group.flatMap((each) => each.egress.pods))];
  const who = pods.length === 0 ? "its pods" : `${workloadsOf(pods)} (${countOf(pods.length, "pod")} today)`;
  const rules =
    others.length === 0 ? "This rule lets" : `This rule and ${countOf(others.length, "other")} let`;
  return findingOf("api-server-reachable", {
    position: placeOfPeer(checked, rule, peer),
    object: describePolicy(checked.policy),
    message:
      `${rules} ${who} out to the API server at ${formatAddress(address)}` +
      `${isWide(peer) ? `, which ${describePeer(peer)} cover among others.` : "."}`,
    help: "Controllers and what watches the cluster need that. If others are among them, leave the address out of their rules.",
    related: others.slice(0, MOST_RELATED).map((each) => ({
      position: placeOfPeer(each.egress.checked, each.egress.rule, each.peer),
      object: describePolicy(each.egress.checked.policy),
      message: `${describePolicy(each.egress.checked.policy)} does too`,
    })),
  });
}
