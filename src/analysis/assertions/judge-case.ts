import type { Engine } from "../../engine/engine.ts";
import type { Explanation } from "../../engine/explain.ts";
import { FAMILIES, type Family } from "../../net/address.ts";
import { NO_PORTS } from "../../net/port-set.ts";
import type { AskedEnds } from "./asked-ends.ts";
import type { Assertion } from "./assertion.ts";
import type { ClusterEnds } from "./cluster-ends.ts";
import {
  type Counterexample,
  counterexamples,
  explanationsOf,
  type WrongEnds,
  wrongPorts,
} from "./counterexamples.ts";
import { familyEnds } from "./family-ends.ts";
import { judgePairs } from "./judge-pairs.ts";
import { type CaseProblem, resolveEnds } from "./resolve-ends.ts";
import { strangers } from "./strangers.ts";
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

/** From how many groups of pairs counterexamples are taken. */
const MOST_GROUPS = 100;

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
  const wrong: WrongEnds[] = [];
  for (const family of families) {
    const sources = familyEnds(engine, from, family);
    const destinations = familyEnds(engine, to, family, wanted);
    judgePairs(engine, family, sources, destinations, (passing, asked, count, from, to) => {
      pairs += count;
      judgedFamilies.add(family);
      if (wrongPorts(assertion.expect, asked, passing) === NO_PORTS) return;
      failing += count;
      if (wrong.length < MOST_GROUPS) wrong.push({ from, to, wanted: asked });
    });
  }
  if (assertion.expect === "allow") {
    for (const { count } of strangers(asked)) {
      pairs += count;
      failing += count;
    }
  }
  if (pairs === 0) return failed(nothingJudged(assertion, asked));
  const examples = counterexamples(engine, assertion.expect, asked, wrong);
  return {
    assertion,
    outcome: failing === 0 ? "passed" : "failed",
    pairs,
    dualStack: judgedFamilies.size > 1,
    failing,
    counterexamples: examples,
    explanations: explanationsOf(engine, examples[0]),
    asked,
  };
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
