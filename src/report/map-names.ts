import type { ExternalPeer, Reachability, ReachPeer } from "../engine/reachability.ts";
import { maxAddressValue } from "../net/address.ts";
import { type AddressRange, formatRangeShort } from "../net/address-partition.ts";
import { type PortSet, portSetTokens } from "../net/port-set.ts";
import { describePortToken } from "../policy/describe.ts";
import { peerName } from "./map-json.ts";

const MOST_NAMES = 6;
const MOST_PORTS = 6;
const MOST_HOLES = 3;

/** Names peers for people, as short as the place allows. */
export interface PeerNames {
  /** The name within its namespace. */
  local(peer: ReachPeer): string;
  /** Many peers as seen from a namespace: `api, web, batch/report, every pod of ops, outside`. */
  list(peers: readonly ReachPeer[], namespace: string | undefined): string;
}

export function peerNames(reach: Reachability): PeerNames {
  const pods = reach.peers.filter((peer) => peer.kind !== "external");
  const outside = reach.peers.filter((peer) => peer.kind === "external");
  const byNamespace = new Map<string, ReachPeer[]>();
  const uses = new Map<string, number>();
  for (const peer of pods) {
    const { namespace } = peer.workload;
    byNamespace.set(namespace, [...(byNamespace.get(namespace) ?? []), peer]);
    const name = `${namespace}/${peerName(peer)}`;
    uses.set(name, (uses.get(name) ?? 0) + 1);
  }

  const local = (peer: ReachPeer): string => {
    if (peer.kind === "external") return externalName(peer, outside);
    const name = peerName(peer);
    const isShared = (uses.get(`${peer.workload.namespace}/${name}`) ?? 0) > 1;
    // A Deployment and a StatefulSet may have one name.
    return isShared ? peer.id.slice(peer.workload.namespace.length + 1) : name;
  };

  const list = (peers: readonly ReachPeer[], namespace: string | undefined): string => {
    const podPeers = peers.filter((peer) => peer.kind !== "external");
    const names: string[] = [];
    for (const [each, members] of byNamespace) {
      const inside = podPeers.filter((peer) => peer.workload.namespace === each);
      if (inside.length > 2 && inside.length >= members.length) names.push(`all of ${each}`);
      else names.push(...inside.map((peer) => (each === namespace ? local(peer) : `${each}/${local(peer)}`)));
    }
    const external = peers.filter((peer) => peer.kind === "external");
    const shown = names.slice(0, MOST_NAMES);
    if (names.length > shown.length) shown.push(`${names.length - shown.length} more`);
    if (external.length > 0 && external.length === outside.length) shown.push("outside");
    else {
      shown.push(...external.slice(0, 3).map((peer) => `outside ${local(peer)}`));
      if (external.length > 3) shown.push(`${external.length - 3} more ranges outside`);
    }
    return shown.join(", ");
  };
  return { local, list };
}

/**
 * The ranges. Of the group with address 0, which is what no block of a policy covers, rather the blocks that are
 * missing from it: `all IPv4 but 192.168.0.0/16`.
 */
function externalName(peer: ExternalPeer, outside: readonly ExternalPeer[]): string {
  const ofFamily = outside.filter((each) => each.family === peer.family);
  if (ofFamily.length === 1) return `every IPv${peer.family} address`;
  if (peer.ranges[0]?.first !== 0n) return peer.id;
  const holes = holesOf(peer);
  return holes.length > MOST_HOLES
    ? `all other IPv${peer.family} addresses`
    : `all IPv${peer.family} but ${holes.map(formatRangeShort).join(", ")}`;
}

/** What the ranges of a group, which begin at address 0, leave out of its family. */
function holesOf({ family, ranges }: ExternalPeer): AddressRange[] {
  return ranges
    .map((range, index) => ({
      family,
      first: range.last + 1n,
      last: (ranges[index + 1]?.first ?? maxAddressValue(family) + 1n) - 1n,
    }))
    .filter((hole) => hole.first <= hole.last);
}

/** `TCP 3306, UDP 53`, `everything`; long lists are cut. */
export function portsText(ports: PortSet): string {
  const tokens = portSetTokens(ports);
  const shown = tokens.slice(0, MOST_PORTS).map(describePortToken);
  if (tokens.length > shown.length) shown.push(`${tokens.length - shown.length} more`);
  return shown.join(", ");
}
