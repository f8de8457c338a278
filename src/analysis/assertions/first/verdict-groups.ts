import { NO_PORTS, type PortSet } from "../../../net/port-set.ts";
import type { FirstPeer, PeerVerdict } from "./first-peers.ts";

/** What is said of one end: of those who come in, or, of a sender, of where it may go. */
export interface Groups {
  /** Who may connect, by what may pass between all their ends. */
  readonly allowed: Map<PortSet, FirstPeer[]>;
  /** Between whose ends something may pass. */
  readonly some: FirstPeer[];
  /** Between whose ends nothing may pass. */
  readonly none: FirstPeer[];
  /** Of whom there is nothing to judge. */
  readonly indifferent: FirstPeer[];
  /** True if anything of `none` was judged. */
  isDenied: boolean;
  mixed: number;
}

/** Puts each of `peers` where its verdict belongs. */
export function verdictGroups(
  peers: readonly FirstPeer[],
  verdict: (peer: FirstPeer) => PeerVerdict,
): Groups {
  const groups: Groups = {
    allowed: new Map(),
    some: [],
    none: [],
    indifferent: [],
    isDenied: false,
    mixed: 0,
  };
  for (const peer of peers) put(groups, peer, verdict(peer));
  return groups;
}

/** False where there is nothing that a case could be about. */
export function isJudged({ allowed, some, isDenied }: Groups): boolean {
  return allowed.size > 0 || some.length > 0 || isDenied;
}

function put(groups: Groups, from: FirstPeer, { every, some, isJudged, hasStrangers }: PeerVerdict): void {
  if (!isJudged && !hasStrangers) {
    groups.indifferent.push(from);
    return;
  }
  if (some === NO_PORTS) {
    groups.none.push(from);
    groups.isDenied ||= isJudged;
    return;
  }
  groups.some.push(from);
  if (every !== some) groups.mixed++;
  if (every === NO_PORTS) return;
  const group = groups.allowed.get(every);
  if (group === undefined) groups.allowed.set(every, [from]);
  else group.push(from);
}
