import type { Engine } from "../../engine/engine.ts";
import type { Family } from "../../net/address.ts";
import type { PortSet } from "../../net/port-set.ts";
import { familyEnds } from "./family-ends.ts";
import { inTurn } from "./in-turn.ts";
import type { JudgedCase } from "./judge-case.ts";
import { type AlikeEnds, type EndPair, judgePairs, pairsBetween } from "./judge-pairs.ts";

/** A pair of ends that a case is about, in one family, and the ports that it asks about. */
export interface CasePair extends EndPair {
  readonly family: Family;
  readonly wanted: PortSet;
}

/**
 * Pairs of ends that a case is about: all of them where they are at most `most`, otherwise some of every kind that the
 * engine tells apart, as far as there is room.
 */
export function samplePairs(engine: Engine, { asked }: JudgedCase, most: number): CasePair[] {
  const groups: Iterable<CasePair>[] = [];
  for (const family of asked.families) {
    const from = familyEnds(engine, asked.from, family);
    const to = familyEnds(engine, asked.to, family, asked.wanted);
    judgePairs(engine, family, from, to, (_passing, wanted, _pairs, source, destination) => {
      groups.push(casePairs(engine, source, destination, family, wanted));
    });
  }
  const sample: CasePair[] = [];
  for (const pair of inTurn(groups)) {
    if (sample.length === most) break;
    sample.push(pair);
  }
  return sample;
}

function* casePairs(
  engine: Engine,
  from: AlikeEnds,
  to: AlikeEnds,
  family: Family,
  wanted: PortSet,
): Generator<CasePair> {
  for (const pair of pairsBetween(engine, from, to)) yield { ...pair, family, wanted };
}
