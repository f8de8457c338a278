/**
 * What one node's kernel must hold: the contents of the table `inet podwall`. Two programs can be compared, and the
 * kernel read back is one. Nothing here is ordered by accident: equal programs print equal text.
 */
export interface Program {
  readonly sets: ReadonlyMap<string, ProgramSet>;
  readonly chains: ReadonlyMap<string, ProgramChain>;
  /**
   * Only of a table that was read back: what it has that no program has, such as flags or counters, in words. No delta
   * takes it away; a table that is made anew does not have it.
   */
  readonly foreign?: readonly string[];
}

/** An nftables set, or a verdict map. */
export interface ProgramSet extends SetDeclaration {
  /** Elements in nft's words; for a map each with its verdict, for a set with an empty string. */
  readonly elements: ReadonlyMap<string, string>;
}

/** A set without what is in it. */
export interface SetDeclaration {
  readonly name: string;
  readonly kind: "set" | "map";
  /** Its type in nft's words, such as `ipv4_addr` or `ipv4_addr : verdict`. */
  readonly type: string;
  readonly interval: boolean;
  /** Its elements come and go by themselves (`flags timeout`), and are no part of a comparison. */
  readonly ephemeral?: true;
}

export interface ProgramChain {
  readonly name: string;
  readonly comment?: string;
  /** The hook of a base chain. All have the priority `filter` (after DNAT) and the policy accept. */
  readonly hook?: "forward" | "input" | "output";
  /** Only of a table that was read back: the hook, priority and policy, where they are none of ours. */
  readonly foreign?: string;
  /** Rules in nft's words, in order. */
  readonly rules: readonly string[];
}

/** An element and, in a map, its verdict; an empty string in a set. */
export type SetElement = readonly [element: string, verdict: string];

/** What is different between two programs. Empty lists where nothing is. */
export interface ProgramChange {
  readonly addedChains: readonly ProgramChain[];
  readonly removedChains: readonly ProgramChain[];
  /** Chains whose rules differ, as they are afterwards. */
  readonly changedChains: readonly ProgramChain[];
  readonly addedSets: readonly ProgramSet[];
  readonly removedSets: readonly SetDeclaration[];
  readonly changedSets: readonly ChangedSet[];
}

export interface ChangedSet {
  readonly set: SetDeclaration;
  readonly deleted: readonly SetElement[];
  readonly added: readonly SetElement[];
}

/** The family and name of the only table that is ever touched. */
export const TABLE = "inet podwall";

/** A table that does not exist yet. */
export const EMPTY_PROGRAM: Program = { sets: new Map(), chains: new Map() };

/** True if nothing is different. */
export function isEmptyChange(change: ProgramChange): boolean {
  return Object.values(change).every((list: readonly unknown[]) => list.length === 0);
}
