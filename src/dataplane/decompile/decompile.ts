import type { Direction } from "../../k8s/objects.ts";
import { type Address, formatAddress } from "../../net/address.ts";
import type { Program } from "../program/program.ts";
import { type ChainFunction, chainFunction, type Outcome } from "./chain-function.ts";
import { type RangesOfSet, rangesHold, rangesOfSet } from "./set-contents.ts";

/**
 * What a program does with new connections, read out of its rules and elements alone: for a local pod's address and a
 * peer's, what enters (ingress) or leaves (egress) the pod. Replies, and what the frame lets pass before it asks any
 * pod's chain, are not told.
 */
export type Decompiled = (direction: Direction, local: Address, peer: Address) => Outcome;

export function decompile(program: Program): Decompiled {
  const functions = new Map<string, ChainFunction>();
  const ranges = new Map<string, RangesOfSet>();
  return (direction, local, peer) => {
    const { family } = local;
    const verdict = program.sets.get(`${direction}${family}`)?.elements.get(formatAddress(local));
    const key = `${direction} ${family} ${verdict}`;
    let judge = functions.get(key);
    if (judge === undefined) {
      judge = chainFunction(program, verdict, direction, family);
      functions.set(key, judge);
    }
    const { sets } = judge;
    return judge.outcome((place) => {
      const { name, isRange } = sets[place]!;
      const set = program.sets.get(name)!;
      if (!isRange) return set.elements.has(formatAddress(peer));
      let ofSet = ranges.get(name);
      if (ofSet === undefined) {
        ofSet = rangesOfSet(set, family);
        ranges.set(name, ofSet);
      }
      return rangesHold(ofSet, peer.value);
    });
  };
}
