import type { PortSet } from "../../net/port-set.ts";
import { type WellKnownPort, wellKnownPortsIn } from "../well-known-ports.ts";
import { type DiffPeer, podsOf, type WorkloadPeer } from "./diff-peers.ts";
import type { NetChange } from "./net-change.ts";

/** How dangerous it is that something opens, the worst first. */
export const DANGERS = ["from-outside", "sensitive-port", "across-namespaces", "within-namespace"] as const;

export type Danger = (typeof DANGERS)[number];

/** How dangerous a change is, and the well-known ports that it is about. */
export interface Rating {
  readonly danger: Danger;
  readonly wellKnown: readonly WellKnownPort[];
}

/** Rates one pair. What closes is rated as if it opened: the same order shows what it took away. */
export function ratePair(from: DiffPeer, to: DiffPeer, { ports }: NetChange): Rating {
  const wellKnown = to.kind === "workload" ? sensitivePorts(to, ports) : [];
  if (from.kind === "external") return { danger: "from-outside", wellKnown };
  if (wellKnown.length > 0) return { danger: "sensitive-port", wellKnown };
  const staysInside = to.kind === "workload" && to.namespace === from.namespace;
  return { danger: staysInside ? "within-namespace" : "across-namespaces", wellKnown };
}

/** True of what a reviewer should not miss: it opens from outside, or to a port that should rarely be open. */
export function isDangerous({ change, danger }: Pick<NetChange, "change"> & Pick<Rating, "danger">): boolean {
  return change === "opens" && (danger === "from-outside" || danger === "sensitive-port");
}

/** The worst of all pairs, with the well-known ports of all. */
export function rateAll(from: readonly DiffPeer[], to: readonly DiffPeer[], change: NetChange): Rating {
  let danger: Danger = "within-namespace";
  const wellKnown = new Set<WellKnownPort>();
  // Whether a source is outside, and its namespace, is all that counts of it.
  const looks = new Map(from.map((peer) => [peer.kind === "external" ? "" : peer.namespace, peer]));
  for (const destination of to) {
    for (const source of looks.values()) {
      const rating = ratePair(source, destination, change);
      if (DANGERS.indexOf(rating.danger) < DANGERS.indexOf(danger)) danger = rating.danger;
      for (const port of rating.wellKnown) wellKnown.add(port);
    }
  }
  return { danger, wellKnown: [...wellKnown].sort((a, b) => a.port - b.port) };
}

/** The worst first; of equal danger what is about well-known ports. */
export function compareRatings(a: Rating, b: Rating): number {
  return (
    DANGERS.indexOf(a.danger) - DANGERS.indexOf(b.danger) ||
    Number(b.wellKnown.length > 0) - Number(a.wellKnown.length > 0)
  );
}

/** A wider range names none of its ports. */
const WIDEST = 1000;

/**
 * Of the ports the well-known ones that matter at a workload: those that its pods declare, and those that are opened by
 * their number. A wide range says nothing of a port in it which nobody declares.
 */
function sensitivePorts(to: WorkloadPeer, ports: PortSet): WellKnownPort[] {
  const known = wellKnownPortsIn(ports);
  if (known.length === 0) return known;
  const pods = [...podsOf(to, "after"), ...podsOf(to, "before")];
  return known.filter(
    (each) =>
      isNamed(ports, each) ||
      pods.some((pod) => pod.ports.some((own) => own.port === each.port && own.protocol === each.protocol)),
  );
}

function isNamed(ports: PortSet, { protocol, port }: WellKnownPort): boolean {
  const ranges = ports[protocol];
  for (let i = 0; i < ranges.length; i += 2) {
    const [first, last] = [ranges[i]!, ranges[i + 1]!];
    if (first <= port && port <= last) return last - first < WIDEST;
  }
  return false;
}
