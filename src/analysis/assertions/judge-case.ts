import type { ClusterPod } from "../../cluster/cluster.ts";
import { addressesOf, type End } from "../../engine/end.ts";
import type { Engine } from "../../engine/engine.ts";
import { type Explanation, explain } from "../../engine/explain.ts";
import { type Address, FAMILIES, type Family } from "../../net/address.ts";
import {
  intersectPorts,
  NO_PORTS,
  type PortSet,
  portSetHas,
  subtractPorts,
  TRANSPORT_PROTOCOLS,
  type Traffic,
} from "../../net/port-set.ts";
import type { Assertion } from "./assertion.ts";
import type { ClusterEnds } from "./cluster-ends.ts";
import { type EndSet, type FamilyBits, familyBit } from "./end-set.ts";
import { familyEnds, type WantedPorts } from "./family-ends.ts";
import { endName, judgePairs } from "./judge-pairs.ts";
import { type CaseProblem, resolveEnds } from "./resolve-ends.ts";
import { wantedPorts } from "./wanted-ports.ts";

/** What became of a case. */
export type CaseResult = JudgedCase | UnjudgedCase;

/** A case that the engine has an answer for. */
export interface JudgedCase {
  readonly assertion: Assertion;
  readonly outcome: "passed" | "failed";
  /** How many pairs of ends were judged; all addresses that policies treat alike are one end. */
  readonly pairs: number;
  /** True if both families were judged: a pair that has both then counts twice. */
  readonly dualStack: boolean;
  /** How many of them are not as expected. */
  readonly failing: number;
  /** The first of those. */
  readonly counterexamples: readonly Counterexample[];
  /** Why the first counterexample is so: one packet, in every family that its ends share. Empty if there is none. */
  readonly explanations: readonly Explanation[];
  /** Who was asked about, for what else is to be told of them. */
  readonly asked: AskedEnds;
}

/** A case that says nothing about this cluster, such as one about a workload that is not there. */
export interface UnjudgedCase {
  readonly assertion: Assertion;
  readonly outcome: "error";
  readonly problem: CaseProblem;
}

/** The ends and ports of a case. */
export interface AskedEnds {
  readonly from: EndSet;
  readonly to: EndSet;
  readonly wanted: WantedPorts;
  readonly families: readonly Family[];
}

/** Two ends that are not as expected. */
export interface Counterexample {
  readonly from: End;
  readonly to: End;
  /** Where it is so. Empty if the ends share no family, so that nothing can pass. */
  readonly families: readonly Family[];
  /** What passes and must not, or what must pass and does not. */
  readonly ports: PortSet;
}

/** How many counterexamples are told. */
const MOST_EXAMPLES = 5;

/** Judges a case by what the engine says of every pair of its ends. */
export function judgeCase(engine: Engine, ends: ClusterEnds, assertion: Assertion): CaseResult {
  const failed = (problem: CaseProblem): UnjudgedCase => ({ assertion, outcome: "error", problem });
  const from = resolveEnds(ends, assertion.from);
  if ("message" in from) return failed(from);
  const to = resolveEnds(ends, assertion.to);
  if ("message" in to) return failed(to);
  const wanted = wantedPorts(assertion, to);
  if ("message" in wanted) return failed(wanted);
  const families = assertion.family === undefined ? FAMILIES : [assertion.family];
  const asked: AskedEnds = { from, to, wanted, families };

  let pairs = 0;
  let failing = 0;
  const judgedFamilies = new Set<Family>();
  const examples = new Map<string, { from: End; to: End; families: Family[]; ports: PortSet }>();
  const addExample = (from: End, to: End, families: readonly Family[], ports: PortSet): void => {
    const key = `${endName(from)} ${endName(to)}`;
    const known = examples.get(key);
    if (known !== undefined) known.families.push(...families);
    else if (examples.size < MOST_EXAMPLES) examples.set(key, { from, to, families: [...families], ports });
  };
  for (const family of families) {
    const sources = familyEnds(engine, from, family);
    const destinations = familyEnds(engine, to, family, wanted);
    judgePairs(engine, family, sources, destinations, (judged) => {
      pairs += judged.pairs;
      judgedFamilies.add(family);
      const wrong =
        assertion.expect === "allow"
          ? subtractPorts(judged.wanted, judged.passing)
          : intersectPorts(judged.wanted, judged.passing);
      if (wrong === NO_PORTS) return;
      failing += judged.pairs;
      if (examples.size > MOST_EXAMPLES) return;
      const { from, to } = judged.sample();
      addExample(from, to, [family], wrong);
    });
  }
  if (assertion.expect === "allow") {
    for (const { count, from, to, ports } of strangers(asked)) {
      pairs += count;
      failing += count;
      addExample(from, to, [], ports);
    }
  }
  if (pairs === 0) return failed(nothingJudged(assertion, asked));
  const counterexamples = [...examples.values()];
  return {
    assertion,
    outcome: failing === 0 ? "passed" : "failed",
    pairs,
    dualStack: judgedFamilies.size > 1,
    failing,
    counterexamples,
    explanations: explanationsOf(engine, counterexamples[0]),
    asked,
  };
}

interface Strangers {
  readonly count: number;
  readonly from: End;
  readonly to: End;
  readonly ports: PortSet;
}

/** Ends that share no family of those that are asked about, so that nothing can pass between them. */
function* strangers({ from, to, wanted, families }: AskedEnds): Generator<Strangers> {
  const asked = families.reduce((bits, family) => bits | familyBit(family), 0);
  const sources = podsByFamilies(from, asked);
  const destinations = podsByFamilies(to, asked);
  for (const [bits, senders] of sources) {
    for (const [otherBits, receivers] of destinations) {
      if ((bits & otherBits) !== 0) continue;
      const [sender] = senders;
      const receiver = receivers.find((pod) => pod !== sender);
      if (receiver === undefined) continue;
      const [a, b] = [podEnd(sender!), podEnd(receiver)];
      yield { count: senders.length * receivers.length, from: a, to: b, ports: wanted.ofPod(receiver) };
    }
  }
  const alone = (address: Address, bits: FamilyBits): boolean => (bits & familyBit(address.family)) === 0;
  for (const address of from.named) {
    for (const [bits, pods] of destinations) {
      if (!alone(address, bits)) continue;
      const [a, b] = [{ kind: "address", address } as const, podEnd(pods[0]!)];
      yield { count: pods.length, from: a, to: b, ports: wanted.ofPod(pods[0]!) };
    }
  }
  for (const address of to.named) {
    for (const [bits, pods] of sources) {
      if (!alone(address, bits)) continue;
      const [a, b] = [podEnd(pods[0]!), { kind: "address", address } as const];
      yield { count: pods.length, from: a, to: b, ports: wanted.ofAddresses };
    }
  }
}

/** Pods by the families in which they can be asked about. */
function podsByFamilies(set: EndSet, asked: FamilyBits): Map<FamilyBits, ClusterPod[]> {
  const groups = new Map<FamilyBits, ClusterPod[]>();
  for (const [pod, bits] of set.pods) {
    let usable = bits & asked;
    for (const family of FAMILIES) if (pod.addresses[family] === undefined) usable &= ~familyBit(family);
    const group = groups.get(usable);
    if (group === undefined) groups.set(usable, [pod]);
    else group.push(pod);
  }
  return groups;
}

function podEnd(pod: ClusterPod): End {
  return { kind: "pod", pod };
}

/** Why there was not a single pair to judge. */
function nothingJudged({ path, family }: Assertion, { from, to }: AskedEnds): CaseProblem {
  const hasPods = [from, to].some((set) => [...set.pods.keys()].some((pod) => !pod.hostNetwork));
  if (!hasPods) {
    return {
      path,
      message: "Neither end is a pod of the pod network, so no policy decides, and the case asserts nothing.",
      help: "Policies are about pods; host-network pods and addresses are only their peers.",
    };
  }
  const shared = family === undefined ? "no family of addresses" : `no IPv${family} addresses`;
  return {
    path,
    message: `There is nothing to judge: the ends share ${shared}, or are one pod, or a node and its own pods, which no policy keeps apart.`,
    help: "Name ends that policies can decide about.",
  };
}

/** One packet of a counterexample, explained in every family that both ends have. */
function explanationsOf(engine: Engine, example: Counterexample | undefined): readonly Explanation[] {
  if (example === undefined) return [];
  const { from, to, families, ports } = example;
  const traffic = packetOf(to, ports);
  const asked = families.length > 0 ? sharedFamilies(from, to) : [addressFamilyOf(to)];
  return asked.map((family) => explain(engine, from, to, family, traffic));
}

/** The families in which both ends have an address. */
export function sharedFamilies(from: End, to: End): Family[] {
  return FAMILIES.filter(
    (family) => addressesOf(from)[family] !== undefined && addressesOf(to)[family] !== undefined,
  );
}

function addressFamilyOf(end: End): Family {
  return addressesOf(end)[4] === undefined ? 6 : 4;
}

/** A packet of a set: to a port that the destination declares, if there is one. */
export function packetOf(to: End, ports: PortSet): Traffic {
  const served = to.kind === "pod" ? to.pod.ports : [];
  const fitting = served.find((port) => portSetHas(ports, port));
  if (fitting !== undefined) return { protocol: fitting.protocol, port: fitting.port };
  for (const protocol of TRANSPORT_PROTOCOLS) {
    const port = ports[protocol][0];
    if (port !== undefined) return { protocol, port };
  }
  return { protocol: "other" };
}
