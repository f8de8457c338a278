import type { Random } from "../../test/generators/random.ts";

/** Something that matches a number of pods. */
export interface Choice<T> {
  readonly item: T;
  readonly pods: number;
}

export interface Steered {
  /** The narrow or the wide choice, so that the mean number of pods of all that was chosen nears the target. */
  choose<T>(narrow: Choice<T>, wide: Choice<T>): T;
}

/**
 * Chooses at random, the wide choice rarely while the mean is above its target. This hits the mean whatever the
 * other figures of the cluster are, and leaves the median to the narrow choices.
 */
export function steered(targetMean: number, random: Random): Steered {
  let pods = 0;
  let count = 0;
  return {
    choose(narrow, wide) {
      const below = pods < targetMean * count;
      const chosen = random.chance(below ? 0.9 : 0.02) ? wide : narrow;
      pods += chosen.pods;
      count++;
      return chosen.item;
    },
  };
}
