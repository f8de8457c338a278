import { type PortSet, portsWithin } from "../../net/port-set.ts";
import { type PeerNames, portsText } from "../map-names.ts";
import { compareCodePoints } from "../order.ts";
import type { Pairs } from "./pairs.ts";
import type { Statements } from "./statements.ts";

/** With more than these, they are counted. */
const MOST_NAMES = 3;

/**
 * Lines for peers that policies limit, by number, about what only a statement at the other end tells: whoever looks at
 * `db, isolated` must not have to find `to everyone: TCP 9090` on some other box.
 */
export function linesOfOtherEnds(
  pairs: Pairs,
  statements: Statements,
  names: PeerNames,
): Map<number, string[]> {
  const groups = new Map<
    number,
    Map<string, { direction: "in" | "out"; ports: PortSet; others: number[] }>
  >();
  const add = (direction: "in" | "out", peer: number, other: number, ports: PortSet): void => {
    let ofPeer = groups.get(peer);
    if (ofPeer === undefined) {
      ofPeer = new Map();
      groups.set(peer, ofPeer);
    }
    const known = ofPeer.get(`${direction} ${ports.id}`);
    if (known === undefined) ofPeer.set(`${direction} ${ports.id}`, { direction, ports, others: [other] });
    else known.others.push(other);
  };
  for (const { from, to, connection } of pairs.connections) {
    const { ports } = connection;
    // The others have an arrow.
    if (!portsWithin(ports, statements.ports(from, to))) continue;
    if (pairs.isLimited(to, "in") && !portsWithin(ports, statements.portsOfEnd("in", from, to))) {
      add("in", to, from, ports);
    }
    if (pairs.isLimited(from, "out") && !portsWithin(ports, statements.portsOfEnd("out", from, to))) {
      add("out", from, to, ports);
    }
  }
  const lines = new Map<number, string[]>();
  for (const [peer, ofPeer] of groups) {
    const texts = [...ofPeer.values()].map(({ direction, ports, others }) => {
      return `${direction === "in" ? "from" : "to"} ${othersText(pairs, peer, others, names)}: ${portsText(ports)}`;
    });
    lines.set(peer, texts.sort(compareCodePoints));
  }
  return lines;
}

function othersText(pairs: Pairs, peer: number, others: readonly number[], names: PeerNames): string {
  const sorted = [...others].sort((a, b) => a - b);
  if (sorted.length <= MOST_NAMES) {
    const own = pairs.peers[peer]!;
    return names.list(
      sorted.map((other) => pairs.peers[other]!),
      own.kind === "external" ? undefined : own.workload.namespace,
    );
  }
  const groups = new Set(sorted.map((other) => pairs.groups[other]!));
  const [only] = groups;
  return groups.size === 1 && only !== pairs.groups[peer]
    ? `${sorted.length} of ${only}`
    : `${sorted.length} others`;
}
