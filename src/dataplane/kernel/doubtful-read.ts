import type { Program, ProgramChange } from "../program/program.ts";
import { programChange } from "../program/program-change.ts";
import type { Kernel } from "./kernel.ts";

/**
 * Reads what the kernel holds, to be compared with what it should. Shortly after many elements were added, the kernel may
 * leave some of them out of a list. So where nothing is different but that elements seem to be missing, their sets are
 * read once more. Whatever else is different cannot be an error of the list, and is believed at once.
 */
export async function readWithDoubt(
  kernel: Pick<Kernel, "read" | "readSets">,
  expected: Program,
): Promise<Program> {
  const found = await kernel.read();
  const change = programChange(found, expected);
  if (found.foreign !== undefined || !onlyAddsElements(change)) return found;
  const doubtful = change.changedSets.map(({ set }) => set);
  let again: Program["sets"];
  try {
    again = await kernel.readSets(doubtful);
  } catch {
    // One of them was there a moment ago: somebody is still at it, and what is left of the table has to be read.
    return kernel.read();
  }
  return { ...found, sets: new Map([...found.sets, ...again]) };
}

/** True if a change does something, and nothing but to add elements to sets that are there. */
function onlyAddsElements({ changedSets, ...rest }: ProgramChange): boolean {
  const others: readonly (readonly unknown[])[] = Object.values(rest);
  const isRest = others.every((list) => list.length === 0);
  return isRest && changedSets.length > 0 && changedSets.every(({ deleted }) => deleted.length === 0);
}
