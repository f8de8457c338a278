import type { Address, Family } from "../../net/address.ts";
import type { AskedSet } from "../decompile/chain-function.ts";
import { type RangesOfSet, rangesHold, rangesOfSet } from "../decompile/set-contents.ts";
import type { Program } from "../program/program.ts";
import type { PodGroups } from "./pod-groups.ts";
import { cutFurther, pairsWithin, type Segments, segmentAt, segmentsWithin } from "./segments.ts";

/** Which peers are in a set: 0 none of them, 1 all, 2 some. */
export interface SetMembers {
  /** By group of pods. */
  readonly ofGroup: Uint8Array;
  /** By segment of addresses that are no pod's; undefined for sets of pods' addresses, where these are none. */
  readonly ofSegment: Uint8Array | undefined;
}

/** The sets that some chains ask, each looked through once. */
export interface PeerSets {
  /** The members of the sets of a chain, and the segments that they go by. */
  membersOf(asked: readonly AskedSet[]): {
    readonly segments: Segments;
    readonly members: readonly SetMembers[];
  };
  /** True if this very address is in a set. `text` is the address as elements have it. */
  holds(asked: AskedSet, address: Address, text: string): boolean;
  /** The elements of a set of pods' addresses that are no pod's. */
  straysOf(name: string): readonly string[];
  /** Sets that were asked, with the elements that are no ranges. */
  unknownElements(): ReadonlyMap<string, readonly string[]>;
}

export function peerSets(program: Program, groups: PodGroups, base: Segments, family: Family): PeerSets {
  const ranges = new Map<string, RangesOfSet>();
  const known = new Map<string, { readonly members: SetMembers; readonly strays: readonly string[] }>();
  const pairOfGroup = pairsOfGroups(groups, base, family);

  const rangesOf = (name: string): RangesOfSet => {
    let found = ranges.get(name);
    if (found === undefined) {
      found = rangesOfSet(program.sets.get(name)!, family);
      ranges.set(name, found);
    }
    return found;
  };
  const ofAddresses = (name: string): { members: SetMembers; strays: readonly string[] } => {
    const found = known.get(name);
    if (found !== undefined) return found;
    const counts = new Uint32Array(groups.groups.length);
    const strays: string[] = [];
    for (const element of program.sets.get(name)!.elements.keys()) {
      const place = groups.placeAt.get(element);
      if (place === undefined) strays.push(element);
      else counts[place]!++;
    }
    const ofGroup = Uint8Array.from(counts, (count, place) =>
      count === 0 ? 0 : count === groups.groups[place]!.pods.length ? 1 : 2,
    );
    const made = { members: { ofGroup, ofSegment: undefined }, strays };
    known.set(name, made);
    return made;
  };
  const ofRanges = (segments: Segments, within: Uint8Array): SetMembers => {
    const states = pairsWithin(segments, within);
    return { ofGroup: Uint8Array.from(pairOfGroup, (pair) => states[pair]!), ofSegment: within };
  };
  const onBase = new Map<string, SetMembers | undefined>();
  const rangesOnBase = (name: string): SetMembers | undefined => {
    if (onBase.has(name)) return onBase.get(name);
    const within = segmentsWithin(base, rangesOf(name));
    const members = within === undefined ? undefined : ofRanges(base, within);
    onBase.set(name, members);
    return members;
  };

  return {
    membersOf: (asked) => {
      const members = asked.map(({ name, isRange }) =>
        isRange ? rangesOnBase(name) : ofAddresses(name).members,
      );
      if (members.every((each) => each !== undefined)) return { segments: base, members };
      // Some set cuts an area in two, which no set of ours does: look at what is in it piece by piece.
      const segments = cutFurther(
        base,
        asked.filter(({ isRange }) => isRange).map(({ name }) => rangesOf(name)),
      );
      return {
        segments,
        members: asked.map(({ name, isRange }) =>
          isRange ? ofRanges(segments, segmentsWithin(segments, rangesOf(name))!) : ofAddresses(name).members,
        ),
      };
    },
    holds: ({ name, isRange }, address, text) =>
      isRange ? rangesHold(rangesOf(name), address.value) : program.sets.get(name)!.elements.has(text),
    straysOf: (name) => ofAddresses(name).strays,
    unknownElements: () => new Map([...ranges].map(([name, { unknown }]) => [name, unknown] as const)),
  };
}

function pairsOfGroups({ groups }: PodGroups, base: Segments, family: Family): Uint32Array {
  return Uint32Array.from(
    groups,
    ({ pods }) => base.pairOf[segmentAt(base, pods[0]!.addresses[family]!.value)]!,
  );
}
