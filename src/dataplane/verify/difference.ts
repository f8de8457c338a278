import type { Direction } from "../../k8s/objects.ts";
import type { Family } from "../../net/address.ts";

/** Where a kernel and the model differ. */
export type DifferenceCode =
  /** There is no table `inet podwall`. */
  | "table-missing"
  /** The table has something that is none of ours: flags, counters, flow tables. */
  | "foreign-object"
  | "chain-missing"
  /** A chain that should not be there. */
  | "chain-extra"
  /** The hook, priority or policy is another. */
  | "hook-differs"
  /** The rules are others: `rule` is the first that differs, `expected` and `found` its texts. */
  | "rules-differ"
  /** A rule that is not understood, so that nothing can be said of what reaches it. */
  | "rule-unknown"
  | "set-missing"
  /** A set that should not be there. */
  | "set-extra"
  /** The type or the flags of a set: `expected` and `found`. */
  | "set-type-differs"
  /** `names` are not in a set or map and should be. */
  | "element-missing"
  /** `names` are in a set or map and should not be. */
  | "element-extra"
  /** Elements of a set of peers that are not understood, and not taken into account. */
  | "element-unknown"
  /** A map sends a pod elsewhere: `expected` and `found`. */
  | "verdict-differs"
  /** Other ports pass between the pods `locals` and the peers `names`. */
  | "ports-differ";

/** One difference. Which fields there are depends on the code. */
export interface Difference {
  readonly code: DifferenceCode;
  readonly chain?: string;
  /** The name of a set or map. */
  readonly set?: string;
  /** The place of a rule in its chain, from 1. */
  readonly rule?: number;
  readonly expected?: string;
  readonly found?: string;
  readonly direction?: Direction;
  readonly family?: Family;
  /** Pods on the node, `namespace/name`: at most {@link MOST_NAMES}. */
  readonly locals?: readonly string[];
  readonly localCount?: number;
  /** Pods, addresses, ranges or elements: at most {@link MOST_NAMES}. */
  readonly names?: readonly string[];
  /** How many there are in all. */
  readonly count?: number;
  /** What passes and should not, as tokens of a port set. */
  readonly moreOpen?: readonly string[];
  /** What should pass and does not. */
  readonly moreClosed?: readonly string[];
  /** What leaves without being judged where it arrives. */
  readonly skipsIngress?: readonly string[];
}

/** More names than a person reads are counted, not told. */
export const MOST_NAMES = 20;

/** The fields `names` and `count` for a list that may be long. */
export function namesField(names: readonly string[]): Required<Pick<Difference, "names" | "count">> {
  return { names: names.slice(0, MOST_NAMES), count: names.length };
}
