import type { Finding } from "../../../k8s/finding.ts";
import type { Service } from "../../../k8s/published-objects.ts";
import { type Address, addressBits, formatAddress, parseAddress } from "../../../net/address.ts";
import { cidrContains, parseCidr } from "../../../net/cidr.ts";
import { describePods, describePolicy } from "../../../policy/describe.ts";
import { type Check, type CheckContext, findingOf } from "../check.ts";
import { otherPlaces } from "../groups.ts";
import { countOf, listOf } from "../words.ts";
import {
  type AddressIndex,
  addressIndex,
  type BlockInRule,
  blockPath,
  blocksInRules,
  blockText,
  cidrWithin,
} from "./address-blocks.ts";
import { type PodAddresses, podAddresses } from "./pod-addresses.ts";
import { describeService, podsBehind, targetOn } from "./service-index.ts";

/** Where Services have their addresses unless a cluster is told otherwise. */
const USUAL_SERVICE_RANGE = parseCidr("10.96.0.0/12")!.cidr;

/** Of each family the shortest prefix with which a range of Services is made. Larger blocks mean whole networks. */
const SHORTEST_SERVICE_PREFIX = { 4: 12, 6: 64 } as const;

/** An ipBlock for Services: their addresses are translated to those of pods before policies look. */
export const ipBlockOfService: Check = {
  codes: ["ip-block-of-service"],
  *run(context) {
    const groups = blocksInRules(context);
    if (groups.length === 0) return;
    const services = serviceAddresses(context);
    const others = otherAddresses(context);
    for (const same of groups) {
      const { peer } = same[0];
      if (peer.cidr.prefix < SHORTEST_SERVICE_PREFIX[peer.cidr.family]) continue;
      const inside = services.index.inside(peer);
      if (inside.length === 0) {
        const isUsual =
          services.count === 0 && !context.known.everything && cidrWithin(peer.cidr, USUAL_SERVICE_RANGE);
        if (isUsual && !others.isIn(peer)) yield usualRange(same);
      } else if (peer.cidr.prefix === addressBits(peer.cidr.family))
        yield ofService(context, same, inside[0]!);
      else if (!others.isIn(peer)) yield ofRange(same, inside, services.count);
    }
  },
};

function serviceAddresses({ cluster }: CheckContext): { index: AddressIndex<Service>; count: number } {
  const entries = (cluster.published?.services ?? []).flatMap((service) =>
    service.clusterIPs.flatMap((text): (readonly [Address, Service])[] => {
      const address = parseAddress(text);
      return address === undefined ? [] : [[address, service]];
    }),
  );
  return { index: addressIndex(entries), count: new Set(entries.map(([, service]) => service)).size };
}

/** Pods, their ranges, and nodes: where they are, no Services are. */
function otherAddresses({ cluster }: CheckContext): { isIn(peer: BlockInRule["peer"]): boolean } {
  const ofPods: PodAddresses = podAddresses(cluster);
  const nodes = [...cluster.nodes.values()].flatMap(({ addresses }) => addresses);
  return {
    isIn: (peer) =>
      ofPods.pods.inside(peer).length > 0 ||
      ofPods.ranges.some((range) => cidrWithin(range, peer.cidr) || cidrWithin(peer.cidr, range)) ||
      nodes.some((address) => cidrContains(peer.cidr, address)),
  };
}

type Same = readonly [BlockInRule, ...BlockInRule[]];

function ofService(context: CheckContext, same: Same, service: Service): Finding {
  const [{ rule, peer }] = same;
  const address = formatAddress({ family: peer.cidr.family, value: peer.cidr.first });
  return {
    ...common(same),
    message:
      `${address} is the address of ${describeService(service)}. ` +
      (rule.direction === "ingress"
        ? "No connection comes from it: this block lets nobody in."
        : "It is translated to that of a pod before policies look: this block lets nothing out to the Service."),
    help:
      rule.direction === "ingress"
        ? "Select the pods that connect, by their labels."
        : insteadOf(context, same[0], service),
  };
}

function insteadOf(context: CheckContext, { rule }: BlockInRule, service: Service): string {
  const { namespace, name, selector } = service;
  if (selector === undefined || Object.keys(selector).length === 0) {
    return namespace === "default" && name === "kubernetes"
      ? "Allow the addresses of the API servers, mostly those of the control plane nodes, at their own port (often 6443): kubectl get endpointslices -n default shows them."
      : `Allow the addresses of its endpoints, at their ports: kubectl get endpointslices -n ${namespace} shows them.`;
  }
  const pods = podsBehind(context, service);
  const selection = {
    namespaces: { kind: "name", name: namespace } as const,
    pods: { matchLabels: selector },
  };
  const targets = [
    ...new Set(
      service.ports
        .filter(
          ({ port, protocol }) =>
            rule.ports === "all" ||
            rule.ports.some((match) => match.kind === "numbers" && cover(match.ports[protocol], port)),
        )
        .flatMap((port) => pods.slice(0, 1).flatMap((pod) => targetOn(pod, port) ?? [])),
    ),
  ];
  const where =
    targets.length === 0 || rule.ports === "all"
      ? ""
      : `, and port ${listOf(targets.map(String))}, where they listen`;
  return `Select its pods instead: ${describePods(selection)} (${countOf(pods.length, "pod")} today)${where}.`;
}

function cover(ranges: readonly number[], port: number): boolean {
  for (let i = 0; i < ranges.length; i += 2) if (port >= ranges[i]! && port <= ranges[i + 1]!) return true;
  return false;
}

function ofRange(same: Same, inside: readonly Service[], count: number): Finding {
  const isAll = count > 1 && inside.length === count;
  return {
    ...common(same),
    ...(isAll ? {} : { severity: "info" }),
    message:
      `In ${blockText(same[0].peer)} are addresses of Services (${listOf(inside.map(({ namespace, name }) => `${namespace}/${name}`))}), ` +
      `and none of a pod or node. They are translated before policies look: this block ${effect(same)}.`,
    help: "Select the pods behind the Services, by their labels.",
  };
}

function usualRange(same: Same): Finding {
  return {
    ...common(same),
    severity: "info",
    message:
      `${blockText(same[0].peer)} lies in 10.96.0.0/12, where most clusters have their Services. If it is one here, its ` +
      `address is translated before policies look: this block ${effect(same)}.`,
    help: "Select the pods behind the Service, by their labels.",
  };
}

function effect([{ rule }]: Same): string {
  return rule.direction === "ingress" ? "lets nobody in" : "lets nothing out";
}

function common([first, ...others]: Same): Omit<Finding, "message"> {
  const { policy } = first.checked;
  const related = otherPlaces(others, ({ checked, peer }) => ({
    position: checked.policy.origin.position(blockPath(peer)),
    object: describePolicy(checked.policy),
    message: `the same block in ${describePolicy(checked.policy)}`,
  }));
  return findingOf("ip-block-of-service", {
    message: "",
    position: policy.origin.position(blockPath(first.peer)),
    object: describePolicy(policy),
    ...(related === undefined ? {} : { related }),
  });
}
