import type { DiffPeer, DiffPeers, OutsidePeer, WorkloadPeer } from "../analysis/diff/diff-peers.ts";
import { FAMILIES, maxAddressValue } from "../net/address.ts";
import { formatRangeShort } from "../net/address-partition.ts";
import { externalName } from "./map-names.ts";

const MOST_NAMES = 3;
const MOST_RANGES = 2;

/** Names the ends of changes for people, as short as they are clear. */
export interface DiffNames {
  /** One peer: `shop/db`, `all IPv4 but 10.0.0.0/8`. */
  one(peer: DiffPeer): string;
  /** A workload by its id. */
  workload(id: string): string;
  /** Many: `shop/api, shop/web`, `12 workloads of shop`, `every pod`, `anyone outside`, `anyone`. */
  list(peers: readonly DiffPeer[], others?: readonly DiffPeer[]): string;
}

export function diffNames({ workloads, outside }: DiffPeers): DiffNames {
  const uses = new Map<string, number>();
  const sizes = new Map<string, number>();
  for (const { namespace, name } of workloads) {
    const short = `${namespace}/${name}`;
    uses.set(short, (uses.get(short) ?? 0) + 1);
    sizes.set(namespace, (sizes.get(namespace) ?? 0) + 1);
  }
  const rangesOf = new Map<number, number>();
  for (const { family } of outside) rangesOf.set(family, (rangesOf.get(family) ?? 0) + 1);

  const one = (peer: DiffPeer): string => {
    if (peer.kind === "external") {
      const isAll = rangesOf.get(peer.family) === 1;
      if (isAll) return `anyone outside over IPv${peer.family}`;
      const [first, second] = peer.ranges;
      const name = externalName(peer, false);
      // Many parts of what other blocks left over: the first stands for them.
      return second === undefined || first!.first === 0n
        ? name
        : `${formatRangeShort(first!)} and ${peer.ranges.length - 1} more`;
    }
    const short = `${peer.namespace}/${peer.name}`;
    // A Deployment and a StatefulSet may have one name.
    return (uses.get(short) ?? 0) > 1 ? peer.id : short;
  };
  const ofOutside = (peers: readonly OutsidePeer[]): string[] => {
    if (peers.length === 0) return [];
    if (peers.length === outside.length) return ["anyone outside"];
    // All of a family, however many blocks cut it.
    const whole = FAMILIES.filter(
      (family) => peers.filter((peer) => peer.family === family).length === rangesOf.get(family),
    );
    const rest = peers
      .filter(({ family }) => !whole.includes(family))
      .sort((a, b) => breadth(b) - breadth(a));
    const shown = rest.slice(0, MOST_RANGES).map((peer) => `outside ${one(peer)}`);
    const more = rest.length - shown.length;
    return [
      ...whole.map((family) => `anyone outside over IPv${family}`),
      ...shown,
      ...(more === 0 ? [] : [`${more} more ${more === 1 ? "range" : "ranges"} outside`]),
    ];
  };
  const ofWorkloads = (peers: readonly WorkloadPeer[], others: ReadonlySet<DiffPeer>): string[] => {
    const without = (list: readonly WorkloadPeer[]): number =>
      list.filter((peer) => !others.has(peer)).length;
    if (peers.length >= MOST_NAMES && without(peers) === without(workloads)) return ["every pod"];
    if (peers.length <= MOST_NAMES) return peers.map(one);
    const byNamespace = new Map<string, WorkloadPeer[]>();
    for (const peer of peers) {
      const list = byNamespace.get(peer.namespace);
      if (list === undefined) byNamespace.set(peer.namespace, [peer]);
      else list.push(peer);
    }
    const parts = [...byNamespace].map(([namespace, members]) => {
      if (members.length === sizes.get(namespace) && members.length > 1) return `all of ${namespace}`;
      return members.length === 1 ? one(members[0]!) : `${members.length} workloads of ${namespace}`;
    });
    if (parts.length <= MOST_NAMES) return parts;
    return [`${peers.length} workloads of ${parts.length} namespaces`];
  };
  const byId = new Map(workloads.map((peer) => [peer.id, peer]));
  return {
    one,
    workload: (id) => {
      const peer = byId.get(id);
      return peer === undefined ? id : one(peer);
    },
    list: (peers, others = []) => {
      const outsiders = peers.filter((peer) => peer.kind === "external");
      const pods = peers.filter((peer) => peer.kind === "workload");
      const names = [...ofOutside(outsiders), ...ofWorkloads(pods, new Set(others))];
      return names.length === 2 && names[0] === "anyone outside" && names[1] === "every pod"
        ? "anyone"
        : names.join(", ");
    },
  };
}

/** How much of its family a peer is: what is widest matters most. */
function breadth({ family, ranges }: OutsidePeer): number {
  return (
    ranges.reduce((sum, { first, last }) => sum + Number(last - first + 1n), 0) /
    Number(maxAddressValue(family))
  );
}
