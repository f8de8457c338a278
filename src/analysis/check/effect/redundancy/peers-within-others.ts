import type { AddressPeer, Peer, Rule } from "../../../../policy/policy.ts";
import type { SymbolicContainment } from "../containment/symbolic.ts";

const NOTHING: ReadonlyMap<Peer, Peer> = new Map();

/**
 * The peers of a rule that can go together, each with one that stays and matches all that it matches. Of equal ones the
 * first stays.
 */
export function peersWithinOthers(
  { peers, failsClosed }: Rule,
  { peerWithin }: SymbolicContainment,
): ReadonlyMap<Peer, Peer> {
  if (peers === "everyone" || peers.length < 2 || failsClosed !== undefined) return NOTHING;
  const found = new Map<Peer, Peer>();
  const rest = peers.filter((peer) => peer.kind !== "addresses");
  const staying = new Set<Peer>(rest);
  for (const peer of rest.reverse()) {
    for (const other of staying) {
      if (other === peer || !peerWithin(peer, other)) continue;
      staying.delete(peer);
      found.set(peer, other);
      break;
    }
  }
  for (const [peer, within] of blocksWithinOthers(peers, peerWithin)) found.set(peer, within);
  if (found.size === 0) return NOTHING;
  // What one is within may have gone after it.
  const lasting = (peer: Peer): Peer => {
    const within = found.get(peer);
    return within === undefined ? peer : lasting(within);
  };
  return new Map(peers.filter((peer) => found.has(peer)).map((peer) => [peer, lasting(peer)]));
}

/** There may be thousands of blocks: from the widest to the narrowest, each is only compared with those around it. */
function* blocksWithinOthers(
  peers: readonly Peer[],
  peerWithin: SymbolicContainment["peerWithin"],
): Iterable<[AddressPeer, AddressPeer]> {
  const blocks = peers.filter((peer) => peer.kind === "addresses");
  if (blocks.length < 2) return;
  blocks.sort(
    ({ cidr: a, except: x }, { cidr: b, except: y }) =>
      a.family - b.family || compare(a.first, b.first) || a.prefix - b.prefix || x.length - y.length,
  );
  let around: AddressPeer[] = [];
  for (const block of blocks) {
    around = around.filter(({ cidr }) => cidr.family === block.cidr.family && cidr.last >= block.cidr.last);
    const within = around.find((other) => peerWithin(block, other));
    if (within === undefined) around.push(block);
    else yield [block, within];
  }
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
