import { cidrContains, parseAddress, parseCidr } from "../reference/ip.ts";
import type { RawIpBlock } from "../reference/raw.ts";
import { canonicalCidr, familyOfText, isStrictlyInside } from "./addresses.ts";
import type { Random } from "./random.ts";

/** Lengths that cover everything, ranges of ours, a handful of addresses, or one. */
const PREFIXES = {
  4: [0, 8, 12, 16, 22, 24, 25, 28, 29, 30, 31, 32],
  6: [0, 7, 32, 48, 56, 63, 64, 112, 120, 124, 125, 126, 127, 128],
};

/** A valid block around one of the anchors (addresses of the cluster and its surroundings). */
export function randomIpBlock(random: Random, anchors: readonly string[]): RawIpBlock {
  const anchor = random.pick(anchors);
  const cidr = canonicalCidr(`${anchor}/${random.pick(PREFIXES[familyOfText(anchor)])}`);
  const count = random.weighted([
    [5, 0],
    [4, 1],
    [2, 2],
  ]);
  const except = Array.from({ length: count }, () => randomExcept(random, cidr, anchors)).filter(
    (text) => text !== undefined,
  );
  if (except.length > 0) {
    return { cidr, except: [...new Set(except)] };
  }
  return random.chance(0.1) ? { cidr, except: [] } : { cidr };
}

function randomExcept(random: Random, cidrText: string, anchors: readonly string[]): string | undefined {
  const cidr = parseCidr(cidrText);
  const inside = [...new Set(anchors)].filter((anchor) => cidrContains(cidr, parseAddress(anchor)));
  const longer = PREFIXES[cidr.family].filter((prefix) => prefix > cidr.prefix);
  return longer.length === 0 ? undefined : canonicalCidr(`${random.pick(inside)}/${random.pick(longer)}`);
}

/** A second block for the rule that holds `block`, made to overlap one of its excepts: a union, not a veto. */
export function blockOverExcept(random: Random, block: RawIpBlock): RawIpBlock {
  const except = random.pick(block.except ?? []);
  const { family, prefix } = parseCidr(except);
  const around = PREFIXES[family].filter((length) => Math.abs(length - prefix) <= 8 && length > 0);
  const cidr = canonicalCidr(`${except.split("/")[0]}/${random.pick([prefix, prefix, ...around])}`);
  const others = (block.except ?? []).filter((text) => isStrictlyInside(parseCidr(text), parseCidr(cidr)));
  return others.length > 0 && random.chance(0.3) ? { cidr, except: others } : { cidr };
}
