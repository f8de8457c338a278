import type { Address } from "../../../net/address.ts";
import type { Cidr } from "../../../net/cidr.ts";
import { formatCidr } from "../../../net/cidr.ts";
import type { AddressPeer } from "../../../policy/policy.ts";
import type { CheckContext } from "../check.ts";
import { groupsOf } from "../groups.ts";
import { type EffectiveRule, effectiveRules } from "./effective-rules.ts";

/** An ipBlock in a rule. */
export interface BlockInRule extends EffectiveRule {
  readonly peer: AddressPeer;
}

/**
 * The ipBlocks of all NetworkPolicies, those that say the same in the same direction together. Blocks of all addresses
 * are not among them: who writes those means everybody.
 */
export function blocksInRules(context: CheckContext): BlockGroups {
  let groups = known.get(context);
  if (groups === undefined) {
    groups = blockGroups(context);
    known.set(context, groups);
  }
  return groups;
}

type BlockGroups = readonly (readonly [BlockInRule, ...BlockInRule[]])[];

const known = new WeakMap<CheckContext, BlockGroups>();

function blockGroups(context: CheckContext): BlockGroups {
  const blocks: BlockInRule[] = [];
  for (const { checked, rule } of effectiveRules(context)) {
    if (rule.peers === "everyone") continue;
    for (const peer of rule.peers) {
      if (peer.kind === "addresses" && peer.cidr.prefix > 0) blocks.push({ checked, rule, peer });
    }
  }
  return groupsOf(blocks, ({ rule, peer }) => `${rule.direction} ${blockText(peer)}`);
}

/** `10.0.0.0/8 except 10.1.0.0/16`. */
export function blockText({ cidr, except }: AddressPeer): string {
  return `${formatCidr(cidr)}${except.length > 0 ? ` except ${except.map(formatCidr).join(", ")}` : ""}`;
}

/** Where a block is written. */
export function blockPath({ path }: AddressPeer): readonly (string | number)[] {
  return [...path, "ipBlock", "cidr"];
}

/** The addresses of somebody, to be looked up by block. */
export interface AddressIndex<T> {
  /** Whose addresses lie in the block of a peer, and in none of its exceptions. Each once. */
  inside(peer: Pick<AddressPeer, "cidr" | "except">): readonly T[];
}

/** Sorts addresses, with whose they are. */
export function addressIndex<T>(entries: Iterable<readonly [Address, T]>): AddressIndex<T> {
  const sorted = [...entries].sort(
    ([a], [b]) => a.family - b.family || (a.value < b.value ? -1 : a.value > b.value ? 1 : 0),
  );
  return {
    inside: ({ cidr, except }) => {
      const found = new Set<T>();
      for (let at = firstAtLeast(sorted, cidr); at < sorted.length; at++) {
        const [{ family, value }, whose] = sorted[at]!;
        if (family !== cidr.family || value > cidr.last) break;
        if (!except.some(({ first, last }) => value >= first && value <= last)) found.add(whose);
      }
      return [...found];
    },
  };
}

function firstAtLeast(sorted: readonly (readonly [Address, unknown])[], { family, first }: Cidr): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const [address] = sorted[middle]!;
    if (address.family < family || (address.family === family && address.value < first)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** True if all addresses of `inner` are in `outer`. */
export function cidrWithin(inner: Cidr, outer: Cidr): boolean {
  return inner.family === outer.family && inner.first >= outer.first && inner.last <= outer.last;
}
