import { addressBits, type Family } from "../net/address.ts";
import { type Cidr, formatCidr, wholeFamily } from "../net/cidr.ts";

/**
 * A block that some policy names (or the whole family), without the smaller such blocks inside it. Blocks are nested
 * or disjoint, so every address lies in exactly one area, and all addresses of an area lie in the same blocks.
 */
export interface Area {
  /** Unique among the areas of its family, from 1; the id of an area that is gone is given again. */
  readonly id: number;
  readonly cidr: Cidr;
}

/** The areas into which the blocks in use cut one address family. They change as blocks come and go. */
export interface Areas {
  readonly family: Family;
  /** The whole family, which is always there. */
  readonly root: Area;
  /** Every area, in no order. */
  all(): Iterable<Area>;
  /** The area that an address lies in. */
  areaAt(value: bigint): Area;
  /** The areas of the blocks around an area: itself first, then outwards, the root last. */
  enclosing(area: Area): readonly Area[];
  /** Counts one more use of a block. `isNew` if that made an area, out of a part of `enclosing(area)[1]`. */
  use(cidr: Cidr): { readonly area: Area; readonly isNew: boolean };
  /** Counts one use less. True if that was the last: its addresses then lie in the area around it. */
  release(area: Area): boolean;
}

/** IPv4 keys are numbers, which are several times as fast as the bigints that IPv6 needs. */
type BlockKey = number | bigint;

interface CountedArea extends Area {
  uses: number;
  /** The areas around it, as of `enclosingVersion`. */
  enclosing: readonly Area[];
  enclosingVersion: number;
}

export function createAreas(family: Family): Areas {
  const bits = addressBits(family);
  const byPrefix = new Map<number, Map<BlockKey, CountedArea>>();
  /** What `byPrefix` holds, the longest prefixes first, with what the keys of IPv4 are divided by. */
  let levels: readonly { prefix: number; divisor: number; areas: Map<BlockKey, CountedArea> }[] = [];
  let version = 0;
  let lastId = 0;
  const freeIds: number[] = [];

  const keyOf: (value: bigint, prefix: number) => BlockKey =
    family === 4
      ? (value, prefix) => Math.floor(Number(value) / 2 ** (bits - prefix))
      : (value, prefix) => value >> BigInt(bits - prefix);
  const sortLevels = (): void => {
    levels = [...byPrefix]
      .map(([prefix, areas]) => ({ prefix, divisor: 2 ** (bits - prefix), areas }))
      .sort((a, b) => b.prefix - a.prefix);
  };

  const add = (cidr: Cidr): CountedArea => {
    let areas = byPrefix.get(cidr.prefix);
    if (areas === undefined) {
      areas = new Map();
      byPrefix.set(cidr.prefix, areas);
      sortLevels();
    }
    version++;
    const area: CountedArea = {
      id: freeIds.pop() ?? ++lastId,
      cidr,
      uses: 0,
      enclosing: [],
      enclosingVersion: -1,
    };
    areas.set(keyOf(cidr.first, cidr.prefix), area);
    return area;
  };
  const root = add(wholeFamily(family));

  const areaAt = (value: bigint): Area => {
    const number = family === 4 ? Number(value) : 0;
    for (const { prefix, divisor, areas } of levels) {
      const key = family === 4 ? Math.floor(number / divisor) : value >> BigInt(bits - prefix);
      const area = areas.get(key);
      if (area !== undefined) return area;
    }
    return root;
  };

  return {
    family,
    root,
    *all() {
      for (const areas of byPrefix.values()) yield* areas.values();
    },
    areaAt,
    enclosing: (area) => {
      const counted = area as CountedArea;
      if (counted.enclosingVersion !== version) {
        const around: Area[] = [];
        for (const { prefix, areas } of levels) {
          if (prefix > area.cidr.prefix) continue;
          const outer = areas.get(keyOf(area.cidr.first, prefix));
          if (outer !== undefined) around.push(outer);
        }
        counted.enclosing = around;
        counted.enclosingVersion = version;
      }
      return counted.enclosing;
    },
    use: (cidr) => {
      const known = byPrefix.get(cidr.prefix)?.get(keyOf(cidr.first, cidr.prefix));
      const area = known ?? add(cidr);
      area.uses++;
      return { area, isNew: known === undefined };
    },
    release: (area) => {
      const counted = area as CountedArea;
      counted.uses--;
      if (counted.uses > 0 || area === root) return false;
      const { prefix, first } = area.cidr;
      const areas = byPrefix.get(prefix);
      if (areas?.delete(keyOf(first, prefix)) !== true) {
        throw new Error(`the block ${formatCidr(area.cidr)} was released more often than used`);
      }
      if (areas.size === 0) {
        byPrefix.delete(prefix);
        sortLevels();
      }
      freeIds.push(area.id);
      version++;
      return true;
    },
  };
}
