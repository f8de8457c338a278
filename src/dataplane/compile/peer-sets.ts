import type { Family } from "../../net/address.ts";
import type { ChangedSet, ProgramSet, SetDeclaration, SetElement } from "../program/program.ts";
import type { SetsChange } from "../program/program-change.ts";
import { type AddressSum, sameSum, sumKey } from "./address-sum.ts";
import { addressType } from "./frame.ts";

/** A set of pod addresses in the kernel. */
export interface PeerSet extends SetDeclaration {
  /** What it holds. */
  readonly sum: Readonly<AddressSum>;
}

/** Somebody who needs a set with certain addresses in it. */
export interface PeerSetRequest {
  /** What its name begins with. Sets of other beginnings are other sets, whatever they hold. */
  readonly label: string;
  readonly wanted: Readonly<AddressSum>;
  /** The set that served the same purpose so far. */
  readonly previous: PeerSet | undefined;
  /** Every address wanted. */
  elements(): readonly SetElement[];
  /** How they differ from what `previous` holds; only asked where there is one. */
  difference(): Pick<ChangedSet, "deleted" | "added">;
}

/** The sets of pod addresses of one family. No two hold the same: whoever needs the same addresses shares the set. */
export interface PeerSets {
  /** Serves all the requests there are: the sets, in their order, and what has to be done for it in the kernel. */
  settle(requests: readonly PeerSetRequest[]): {
    readonly sets: readonly PeerSet[];
    readonly change: SetsChange;
  };
}

/**
 * The sets are found by what is in them, not by what they are for: policies that say the same in other words share
 * them, and a policy whose ports change keeps them. A set that one purpose outgrows follows its most numerous users, by
 * some elements; only whoever parts from them needs a new one. Hence a name tells nothing but what a set once held.
 *
 * `adoptedNames` are those of sets that the kernel holds from before, by label and sum: what is the same need not move.
 */
export function createPeerSets(
  family: Family,
  adoptedNames: ReadonlyMap<string, string> = new Map(),
): PeerSets {
  let byContents = new Map<string, PeerSet>();
  const names = new Set<string>();

  const freshName = (label: string, sum: AddressSum): string => {
    const name = adoptedNames.get(`${label} ${sumKey(sum)}`) ?? `${label}_${sumKey(sum)}`;
    for (let i = 2, free = name; ; free = `${name}_${i++}`) if (!names.has(free)) return free;
  };

  return {
    settle: (requests) => {
      const keys = requests.map(({ label, wanted }) => `${label} ${sumKey(wanted)}`);
      const next = new Map<string, PeerSet>();
      for (const key of keys) {
        const fitting = byContents.get(key);
        if (fitting !== undefined) next.set(key, fitting);
      }
      const staying = new Set(next.values());
      const addedSets: ProgramSet[] = [];
      const changedSets: ChangedSet[] = [];

      for (const [previous, wishes] of wishesByPrevious(requests, keys, staying)) {
        const [key, request] = mostWanted(wishes);
        if (next.has(key)) continue;
        const set: PeerSet = { ...previous, sum: { ...request.wanted } };
        changedSets.push({ set, ...request.difference() });
        next.set(key, set);
      }
      for (const [i, request] of requests.entries()) {
        const key = keys[i]!;
        if (next.has(key)) continue;
        const name = freshName(request.label, request.wanted);
        names.add(name);
        const declaration = { name, kind: "set", type: addressType(family), interval: false } as const;
        addedSets.push({ ...declaration, elements: new Map(request.elements()) });
        next.set(key, { ...declaration, sum: { ...request.wanted } });
      }
      const kept = new Set([...next.values()].map(({ name }) => name));
      const removedSets = [...byContents.values()].filter(({ name }) => !kept.has(name));
      for (const { name } of removedSets) names.delete(name);
      byContents = next;
      return {
        sets: keys.map((key) => next.get(key)!),
        change: { addedSets, removedSets, changedSets },
      };
    },
  };
}

type Wishes = Map<string, PeerSetRequest[]>;

/** For each set that nobody needs as it is: what those want who used it, by its key. */
function wishesByPrevious(
  requests: readonly PeerSetRequest[],
  keys: readonly string[],
  staying: ReadonlySet<PeerSet>,
): Map<PeerSet, Wishes> {
  const result = new Map<string, { previous: PeerSet; wishes: Wishes }>();
  const stayingNames = new Set([...staying].map(({ name }) => name));
  for (const [i, request] of requests.entries()) {
    const { previous, wanted } = request;
    if (previous === undefined || stayingNames.has(previous.name) || sameSum(previous.sum, wanted)) continue;
    const entry = result.get(previous.name) ?? { previous, wishes: new Map() };
    result.set(previous.name, entry);
    const key = keys[i]!;
    const list = entry.wishes.get(key);
    if (list === undefined) entry.wishes.set(key, [request]);
    else list.push(request);
  }
  return new Map([...result.values()].map(({ previous, wishes }) => [previous, wishes]));
}

function mostWanted(wishes: Wishes): [string, PeerSetRequest] {
  let best: [string, PeerSetRequest[]] | undefined;
  for (const wish of wishes) if (best === undefined || wish[1].length > best[1].length) best = wish;
  return [best![0], best![1][0]!];
}
