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
  /** By namespace its place and the number of its peers. */
  const namespaces = new Map<string, { readonly place: number; peers: number }>();
  const uses = new Map<string, number>();
  for (const peer of pods) {
    const { namespace } = peer.workload;
    const known = namespaces.get(namespace);
    if (known === undefined) namespaces.set(namespace, { place: namespaces.size, peers: 1 });
    else known.peers++;
    const name = `${namespace}/${peerName(peer)}`;
    uses.set(name, (uses.get(name) ?? 0) + 1);
  }

  const outsideOf = new Map<number, number>();
  for (const { family } of outside) outsideOf.set(family, (outsideOf.get(family) ?? 0) + 1);
  const local = (peer: ReachPeer): string => {
    if (peer.kind === "external") return externalName(peer, (outsideOf.get(peer.family) ?? 0) === 1);
    const name = peerName(peer);
    const isShared = (uses.get(`${peer.workload.namespace}/${name}`) ?? 0) > 1;
    // A Deployment and a StatefulSet may have one name.
    return isShared ? peer.id.slice(peer.workload.namespace.length + 1) : name;
  };

  const isAllOf = (namespace: string, members: readonly ReachPeer[]): boolean =>
    members.length > 2 && members.length >= (namespaces.get(namespace)?.peers ?? 0);
  const list = (peers: readonly ReachPeer[], namespace: string | undefined): string => {
    const inside = new Map<string, ReachPeer[]>();
    for (const peer of peers) {
      if (peer.kind === "external") continue;
      const ofNamespace = inside.get(peer.workload.namespace);
      if (ofNamespace === undefined) inside.set(peer.workload.namespace, [peer]);
      else ofNamespace.push(peer);
    }
    const place = (name: string): number => namespaces.get(name)?.place ?? 0;
    const names: string[] = [];
    let left = 0;
    for (const [each, members] of [...inside].sort(([a], [b]) => place(a) - place(b))) {
      if (names.length >= MOST_NAMES) left += isAllOf(each, members) ? 1 : members.length;
      else if (isAllOf(each, members)) names.push(`all of ${each}`);
      else
        for (const peer of members) {
          if (names.length >= MOST_NAMES) left++;
          else names.push(each === namespace ? local(peer) : `${each}/${local(peer)}`);
        }
    }
    const external = peers.filter((peer) => peer.kind === "external");
    const shown = [...names];
    if (left > 0) shown.push(`${left} more`);
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
export function externalName(peer: Omit<ExternalPeer, "area">, isAll: boolean): string {
  if (isAll) return `every IPv${peer.family} address`;
  if (peer.ranges[0]?.first !== 0n) return peer.id;
  const holes = holesOf(peer);
  return holes.length > MOST_HOLES
    ? `all other IPv${peer.family} addresses`
    : `all IPv${peer.family} but ${holes.map(formatRangeShort).join(", ")}`;
}

/** What the ranges of a group, which begin at address 0, leave out of its family. */
function holesOf({ family, ranges }: Omit<ExternalPeer, "area">): AddressRange[] {
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
