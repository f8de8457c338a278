import type { Engine } from "../../engine/engine.ts";
import { FAMILIES, formatAddress } from "../../net/address.ts";
import { compileProgram } from "../compile/compile.ts";
import { DEFAULT_ENFORCEMENT, type EnforcementConfig } from "../config.ts";
import type { Program } from "../program/program.ts";
import type { Difference } from "./difference.ts";
import { functionDifferences } from "./functions.ts";
import { textDifferences } from "./text-differences.ts";

export interface VerifyOptions {
  /** What the kernel should hold, for whoever has it at hand; default: compiled from the engine. */
  readonly expected?: Program;
  /** How the node enforces; default: {@link DEFAULT_ENFORCEMENT}. */
  readonly config?: EnforcementConfig;
  /** With policies in audit mode: an engine over the same cluster without them. What either lets pass may pass. */
  readonly unaudited?: Engine;
}

/**
 * Compares what the kernel of a node holds with the engine, as functions: for every pod on the node, every class of
 * peers and every area of addresses, in both directions and families, the whole set of ports. This asks nothing of the
 * compiler, and finds what it does wrong. And word for word with the program that should be there, which finds also
 * what no packet notices yet: base chains, which pods are judged, leftovers. Empty: kernel = model.
 *
 * @param kernel The table read back, see `readProgram`.
 */
export function verifyProgram(
  kernel: Program,
  engine: Engine,
  node: string,
  options: VerifyOptions = {},
): Difference[] {
  if (kernel.chains.size === 0 && kernel.sets.size === 0) return [{ code: "table-missing" }];
  const { config = DEFAULT_ENFORCEMENT, unaudited } = options;
  const expected =
    options.expected ??
    compileProgram(engine, node, {
      config,
      isCutting: looksForCuts(kernel),
      ...(unaudited === undefined ? {} : { unaudited }),
    });
  const isMissing = (set: string, address: string): boolean =>
    expected.sets.get(set)?.elements.has(address) === true &&
    kernel.sets.get(set)?.elements.has(address) !== true;
  const comparison = { kernel, engine, unaudited, deniesNothing: config.audit, node, isMissing };
  return [
    ...textDifferences(kernel, expected, elementNames(engine)),
    ...FAMILIES.flatMap((family) => functionDifferences(comparison, family)),
  ];
}

/**
 * True if packets are looked up among the connections that a change has forbidden: while there are any, which no policy
 * tells.
 */
function looksForCuts(kernel: Program): boolean {
  return [...kernel.chains.values()].some(({ rules }) => rules.some((rule) => rule.endsWith(" goto cut")));
}

/** Names the pod of an element that is a pod's address, once or twice (`a . a`). */
function elementNames(engine: Engine): (element: string) => string {
  let names: Map<string, string> | undefined;
  return (element) => {
    if (names === undefined) {
      names = new Map();
      for (const pod of engine.cluster.pods) {
        if (pod.hostNetwork) continue;
        for (const address of Object.values(pod.addresses)) names.set(formatAddress(address), pod.id);
      }
    }
    const pod = names.get(element.split(" . ")[0]!);
    return pod === undefined ? element : `${pod} (${element})`;
  };
}

/** How much a comparison is about. */
export interface ComparisonSize {
  /** Pods on the node that policies see. */
  readonly localPods: number;
  readonly pods: number;
  readonly classes: number;
  /** Blocks of addresses that policies tell apart, of both families. */
  readonly areas: number;
}

/** What `verifyProgram` compares for a node. */
export function comparisonSize(engine: Engine, node: string): ComparisonSize {
  const classes = new Set(FAMILIES.flatMap((family) => engine.view(family).classes()));
  const pods = [...classes].flatMap((podClass) => [...podClass.pods]);
  return {
    localPods: pods.filter((pod) => pod.node === node).length,
    pods: pods.length,
    classes: classes.size,
    areas: FAMILIES.reduce((sum, family) => sum + [...engine.view(family).areas.all()].length, 0),
  };
}
