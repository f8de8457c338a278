import type { Engine } from "../../../engine/engine.ts";
import { listOf, portsInWords } from "./case-titles.ts";
import type { FirstCase, FirstEnd } from "./first-case.ts";
import type { FirstEnds } from "./first-ends.ts";
import { type FirstPeer, type OutsidePeer, verdictOf, type WorkloadPeer } from "./first-peers.ts";
import { type Groups, isJudged, verdictGroups } from "./verdict-groups.ts";

/** Workloads of which the same is to be said. */
interface Senders {
  readonly groups: Groups;
  readonly from: WorkloadPeer[];
}

/**
 * Who may reach what outside. Told from the side of the sender: people know where a workload has to go, while the ranges
 * that policies cut the outside into are nobody's.
 */
export function casesToOutside(
  engine: Engine,
  names: FirstEnds,
  workloads: readonly WorkloadPeer[],
  outside: readonly OutsidePeer[],
): { readonly cases: readonly FirstCase[]; readonly mixed: number } {
  const senders = new Map<string, Senders>();
  let mixed = 0;
  for (const from of workloads) {
    const groups = verdictGroups(outside, (to) => verdictOf(engine, from, to));
    mixed += groups.mixed;
    const key = keyOf(groups, outside);
    const same = senders.get(key);
    if (same === undefined) senders.set(key, { groups, from: [from] });
    else same.from.push(from);
  }
  const all = [...senders.values()];
  const silent = all.filter(({ groups }) => !isJudged(groups)).flatMap(({ from }) => from);
  const judged = all.filter(({ groups }) => isJudged(groups));
  // Those who may go nowhere are the most, and come last.
  const sorted = [
    ...judged.filter(({ groups }) => groups.some.length > 0),
    ...judged.filter(({ groups }) => groups.some.length === 0),
  ];
  return {
    cases: sorted.flatMap(({ groups, from }) => casesOf(names, names.of(from, silent), groups)),
    mixed,
  };
}

function casesOf(names: FirstEnds, from: readonly FirstEnd[], groups: Groups): FirstCase[] {
  const who = listOf(from);
  const cases = [...groups.allowed].map(([ports, peers]): FirstCase => {
    const to = names.of(peers, groups.indifferent);
    return {
      name: `${who} may reach ${listOf(to)} on ${portsInWords(ports)}`,
      from,
      to,
      expect: "allow",
      ports,
    };
  });
  if (groups.isDenied) {
    const name =
      groups.some.length === 0 ? `${who} may not reach outside` : `${who} may reach nothing else outside`;
    cases.push({ name, from, to: deniedEnds(names, groups), expect: "deny" });
  }
  return cases;
}

/** The outside without what may be reached, where that can be said in few blocks; else what is left, block by block. */
function deniedEnds(names: FirstEnds, { some, none, indifferent }: Groups): readonly FirstEnd[] {
  const denied = names.of(none, indifferent);
  if (some.length === 0) return denied;
  const except: string[] = [];
  for (const end of names.of(some, indifferent)) {
    if (
      typeof end === "string" ||
      !("outside" in end) ||
      end.cidr === undefined ||
      end.except !== undefined
    ) {
      return denied;
    }
    except.push(end.cidr);
  }
  return except.length <= denied.length ? [{ outside: true, except }] : denied;
}

/** Equal for senders that may reach the same. */
function keyOf({ allowed, some, none, isDenied }: Groups, outside: readonly OutsidePeer[]): string {
  const places = (peers: readonly FirstPeer[]): number[] =>
    peers.map((peer) => outside.indexOf(peer as OutsidePeer));
  return JSON.stringify([
    [...allowed].map(([ports, peers]) => [ports.key, places(peers)]),
    places(some),
    places(none),
    isDenied,
  ]);
}
