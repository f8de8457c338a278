import type { PodClass } from "../../engine/classes.ts";
import type { Engine } from "../../engine/engine.ts";
import { portsOfClass, type Row } from "../../engine/row.ts";
import type { Direction } from "../../k8s/objects.ts";
import { type Address, type Family, parseAddress } from "../../net/address.ts";
import { formatRangeShort, rangeAt } from "../../net/address-partition.ts";
import { ALL_PORTS, type PortSet, unionPorts } from "../../net/port-set.ts";
import { type ChainFunction, chainFunction, type Outcome } from "../decompile/chain-function.ts";
import type { Program } from "../program/program.ts";
import { type Difference, MOST_NAMES, namesField } from "./difference.ts";
import { type PeerSets, peerSets } from "./peer-sets.ts";
import { type PodGroup, podGroups } from "./pod-groups.ts";
import { type AreaPair, areaSegments, segmentAt } from "./segments.ts";
import { type SignatureStep, signatureStep } from "./signature.ts";
import { type WrongPeers, wrongPeers } from "./wrong-peers.ts";

/** What of a family and a direction is compared. */
export interface FunctionComparison {
  readonly kernel: Program;
  readonly engine: Engine;
  /** The engine without the audited policies: what it lets pass may pass too. */
  readonly unaudited: Engine | undefined;
  /** True if the whole node is in audit mode: then everything passes. */
  readonly deniesNothing: boolean;
  readonly node: string;
  /** True for the address of a local pod whose verdict is missing: that is a difference of its own. */
  readonly isMissing: (set: string, address: string) => boolean;
}

const DIRECTIONS: readonly Direction[] = ["ingress", "egress"];

/**
 * Compares what the kernel lets pass with what the engine says: for every local pod every class of peers and every
 * area of addresses, and whole sets of ports. Peers that are in the same sets are judged once.
 */
export function functionDifferences(comparison: FunctionComparison, family: Family): Difference[] {
  const { kernel, engine, unaudited, node } = comparison;
  const groups = podGroups(engine, unaudited, family);
  const base = areaSegments(engine, unaudited, family);
  const sets = peerSets(kernel, groups, base, family);
  const differences: Difference[] = [];
  const askedSets = new Set<string>();
  const unknownRules = new Set<string>();
  for (const direction of DIRECTIONS) {
    const judges = new Map<string | undefined, Judge>();
    const map = kernel.sets.get(`${direction}${family}`);
    for (const [place, group] of groups.groups.entries()) {
      const locals = localsByVerdict(group, groups.addresses[place]!, node, (address) =>
        comparison.isMissing(`${direction}${family}`, address) ? null : map?.elements.get(address),
      );
      if (locals.size === 0) continue;
      const expected = expectedPorts(comparison, direction, family, group);
      for (const [verdict, pods] of locals) {
        let judge = judges.get(verdict);
        if (judge === undefined) {
          judge = judgeOf(chainFunction(kernel, verdict, direction, family), sets);
          judges.set(verdict, judge);
          for (const { name, isRange } of judge.chain.sets) if (!isRange) askedSets.add(name);
          for (const { chain, rule } of judge.chain.unknownRules) {
            if (unknownRules.has(`${chain} ${rule}`)) continue;
            unknownRules.add(`${chain} ${rule}`);
            differences.push({ code: "rule-unknown", chain, found: rule });
          }
        }
        const wrong = wrongPeers();
        comparePods(judge, groups, expected, sets, family, wrong);
        compareAreas(judge, expected, wrong);
        compareStrays(judge, expected, base, sets, wrong);
        const about = {
          direction,
          family,
          locals: pods.slice(0, MOST_NAMES),
          localCount: pods.length,
          ...(verdict?.startsWith("goto ") === true ? { chain: verdict.slice("goto ".length) } : {}),
        };
        differences.push(
          ...wrong.differences().map((each): Difference => ({ code: "ports-differ", ...about, ...each })),
        );
      }
    }
  }
  for (const set of askedSets) {
    const unknown = sets.straysOf(set).filter((element) => parseAddress(element)?.family !== family);
    if (unknown.length > 0)
      differences.push({ code: "element-unknown", set, family, ...namesField(unknown) });
  }
  for (const [set, unknown] of sets.unknownElements()) {
    if (unknown.length > 0)
      differences.push({ code: "element-unknown", set, family, ...namesField(unknown) });
  }
  return differences;
}

/** The pods of a group on the node, by what the map says of them. `null`: nothing is to be said. */
function localsByVerdict(
  group: PodGroup,
  addresses: readonly string[],
  node: string,
  verdictOf: (address: string) => string | undefined | null,
): Map<string | undefined, string[]> {
  const locals = new Map<string | undefined, string[]>();
  for (const [i, pod] of group.pods.entries()) {
    if (pod.node !== node) continue;
    const verdict = verdictOf(addresses[i]!);
    if (verdict === null) continue;
    const same = locals.get(verdict);
    if (same === undefined) locals.set(verdict, [pod.id]);
    else same.push(pod.id);
  }
  return locals;
}

/** What the engine lets pass between a local group and its peers. */
interface Expected {
  readonly ofGroup: (peer: PodGroup) => PortSet;
  readonly ofAreas: (pair: AreaPair) => PortSet;
}

function expectedPorts(
  { engine, unaudited, deniesNothing }: FunctionComparison,
  direction: Direction,
  family: Family,
  local: PodGroup,
): Expected {
  if (deniesNothing) return { ofGroup: () => ALL_PORTS, ofAreas: () => ALL_PORTS };
  const view = engine.view(family);
  const row = view.row(direction, local.podClass);
  if (unaudited === undefined || local.unaudited === undefined) {
    return {
      ofGroup: (peer) => portsOfClass(row, peer.podClass),
      ofAreas: ({ area }) => view.portsOfArea(row, area),
    };
  }
  const otherView = unaudited.view(family);
  const otherRow: Row = otherView.row(direction, local.unaudited);
  const ofOther = (peer: PodClass): PortSet => portsOfClass(otherRow, peer);
  return {
    ofGroup: (peer) => unionPorts(portsOfClass(row, peer.podClass), ofOther(peer.unaudited!)),
    ofAreas: (pair) =>
      unionPorts(view.portsOfArea(row, pair.area), otherView.portsOfArea(otherRow, pair.unaudited!)),
  };
}

/** A chain with all that is known of the sets that it asks. */
interface Judge {
  readonly chain: ChainFunction;
  readonly members: ReturnType<PeerSets["membersOf"]>["members"];
  readonly segments: ReturnType<PeerSets["membersOf"]>["segments"];
  readonly step: SignatureStep;
  readonly outcomes: Map<number, Outcome>;
  /** Segments that are judged alike: of one area pair, and in the same sets. */
  readonly areas: readonly {
    readonly pair: AreaPair;
    readonly signature: number;
    readonly places: number[];
  }[];
}

function judgeOf(chain: ChainFunction, sets: PeerSets): Judge {
  const { segments, members } = sets.membersOf(chain.sets);
  const step = signatureStep(chain.sets.length);
  const alike = new Map<number, Map<number, { pair: AreaPair; signature: number; places: number[] }>>();
  for (let place = 0; place < segments.starts.length; place++) {
    let signature = 0;
    for (const { ofSegment } of members) signature = step(signature, ofSegment?.[place] ?? 0);
    const pair = segments.pairOf[place]!;
    let ofPair = alike.get(pair);
    if (ofPair === undefined) {
      ofPair = new Map();
      alike.set(pair, ofPair);
    }
    const found = ofPair.get(signature);
    if (found !== undefined) found.places.push(place);
    else ofPair.set(signature, { pair: segments.pairs[pair]!, signature, places: [place] });
  }
  const areas = [...alike.values()].flatMap((ofPair) => [...ofPair.values()]);
  return { chain, members, segments, step, outcomes: new Map(), areas };
}

function outcomeOf(judge: Judge, signature: number, isIn: (place: number) => boolean): Outcome {
  let outcome = judge.outcomes.get(signature);
  if (outcome === undefined) {
    outcome = judge.chain.outcome(isIn);
    judge.outcomes.set(signature, outcome);
  }
  return outcome;
}

function comparePods(
  judge: Judge,
  { groups, addresses }: ReturnType<typeof podGroups>,
  { ofGroup }: Expected,
  sets: PeerSets,
  family: Family,
  wrong: WrongPeers,
): void {
  const { members, step, chain } = judge;
  const states = members.map((each) => each.ofGroup);
  for (let place = 0; place < groups.length; place++) {
    const group = groups[place]!;
    let signature = 0;
    let isSplit = false;
    for (const state of states) {
      const own = state[place]!;
      if (own === 2) isSplit = true;
      signature = step(signature, own);
    }
    if (!isSplit) {
      const outcome = outcomeOf(judge, signature, (i) => states[i]![place] === 1);
      wrong.take(outcome, ofGroup(group), () => group.pods.map((pod) => pod.id));
      continue;
    }
    for (const [i, pod] of group.pods.entries()) {
      const isIn = (k: number): boolean =>
        sets.holds(chain.sets[k]!, pod.addresses[family]!, addresses[place]![i]!);
      wrong.take(outcomeAt(judge, isIn), ofGroup(group), () => [pod.id]);
    }
  }
}

/** The outcome for one address. */
function outcomeAt(judge: Judge, isIn: (place: number) => boolean): Outcome {
  let signature = 0;
  for (let i = 0; i < judge.chain.sets.length; i++) signature = judge.step(signature, isIn(i) ? 1 : 0);
  return outcomeOf(judge, signature, isIn);
}

function compareAreas(judge: Judge, { ofAreas }: Expected, wrong: WrongPeers): void {
  const { segments, members } = judge;
  for (const { pair, signature, places } of judge.areas) {
    const outcome = outcomeOf(judge, signature, (i) => members[i]!.ofSegment?.[places[0]!] === 1);
    wrong.take(outcome, ofAreas(pair), () =>
      places.map((place) => formatRangeShort(rangeAt(segments, place))),
    );
  }
}

/** Addresses in sets of pods that are no pod's are judged as the addresses that they are. */
function compareStrays(
  judge: Judge,
  { ofAreas }: Expected,
  base: ReturnType<typeof areaSegments>,
  sets: PeerSets,
  wrong: WrongPeers,
): void {
  const { chain } = judge;
  const strays = new Set(chain.sets.flatMap(({ name, isRange }) => (isRange ? [] : sets.straysOf(name))));
  for (const text of strays) {
    const address: Address | undefined = parseAddress(text);
    if (address?.family !== base.family) continue;
    const pair = base.pairs[base.pairOf[segmentAt(base, address.value)]!]!;
    const outcome = outcomeAt(judge, (i) => sets.holds(chain.sets[i]!, address, text));
    wrong.take(outcome, ofAreas(pair), () => [text]);
  }
}
