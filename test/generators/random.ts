/** A reproducible stream of choices. */
export interface Random {
  /** A uniform integer from `min` to `max`, both included. */
  int(min: number, max: number): number;
  /** True with the given probability. */
  chance(probability: number): boolean;
  /** One of the items. @throws Error when there is none. */
  pick<T>(items: readonly T[]): T;
  /** One of the values, in proportion to the weight before it. @throws Error when there is none. */
  weighted<T>(choices: readonly (readonly [weight: number, value: T])[]): T;
  /** `count` different items in random order; all of them when there are fewer. */
  sample<T>(items: readonly T[], count: number): T[];
}

/** The stream of a seed: the same for the same seed on every machine. Any integer below 2^53 is a seed. */
export function createRandom(seed: number): Random {
  const next = sfc32(seed);
  const int = (min: number, max: number) => min + Math.floor(next() * (max - min + 1));
  const pick = <T>(items: readonly T[]): T => {
    if (items.length === 0) {
      throw new Error("nothing to pick from");
    }
    return items[int(0, items.length - 1)]!;
  };
  return {
    int,
    chance: (probability) => next() < probability,
    pick,
    weighted: (choices) => {
      let left = next() * choices.reduce((sum, [weight]) => sum + weight, 0);
      const chosen = choices.find(([weight]) => {
        left -= weight;
        return left < 0;
      });
      return (chosen ?? pick(choices))[1];
    },
    sample: (items, count) => {
      const rest = [...items];
      const taken = Math.min(count, rest.length);
      return Array.from({ length: taken }, () => rest.splice(int(0, rest.length - 1), 1)[0]!);
    },
  };
}

/** Chris Doty-Humphrey's Small Fast Counter (PractRand), 32 bits; gives numbers in [0, 1). */
function sfc32(seed: number): () => number {
  let a = 0x9e3779b9 | 0;
  let b = seed | 0;
  let c = Math.floor(seed / 2 ** 32) | 0;
  let counter = 1;
  const next = () => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 2 ** 32;
  };
  // Neighbouring seeds need a few rounds until their streams look unrelated.
  for (let round = 0; round < 15; round++) {
    next();
  }
  return next;
}
