/**
 * What one node's kernel must hold: the contents of the table `inet podwall`, with stable names, so that two
 * programs can be compared. Nothing here is ordered by accident: equal programs print equal text.
 */
export interface Program {
  readonly sets: ReadonlyMap<string, ProgramSet>;
  readonly chains: ReadonlyMap<string, ProgramChain>;
}

/** An nftables set, or a verdict map. */
export interface ProgramSet {
  readonly name: string;
  readonly kind: "set" | "map";
  /** Its type in nft's words, such as `ipv4_addr` or `ipv4_addr : verdict`. */
  readonly type: string;
  readonly interval: boolean;
  /** Elements in nft's words; for a map each with its verdict, for a set with an empty string. */
  readonly elements: ReadonlyMap<string, string>;
}

export interface ProgramChain {
  readonly name: string;
  readonly comment?: string;
  /** The hook of a base chain. All have the priority `filter` (after DNAT) and the policy accept. */
  readonly hook?: "forward" | "input" | "output";
  /** Rules in nft's words, in order. */
  readonly rules: readonly string[];
}

/** The family and name of the only table that is ever touched. */
export const TABLE = "inet podwall";

/** A table that does not exist yet. */
export const EMPTY_PROGRAM: Program = { sets: new Map(), chains: new Map() };
