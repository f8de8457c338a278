import type { ChangedSet, Program, ProgramChain, ProgramChange, ProgramSet, SetElement } from "./program.ts";

/** What turns one program into another. Things that are the same object are not looked into. */
export function programChange(from: Program, to: Program): ProgramChange {
  return { ...chainsChange(from.chains, to.chains), ...setsChange(from.sets, to.sets) };
}

/** What a change makes of a table that does not exist yet. */
export function programMadeBy({ addedSets, addedChains }: ProgramChange): Program {
  return {
    sets: new Map(addedSets.map((set) => [set.name, set])),
    chains: new Map(addedChains.map((chain) => [chain.name, chain])),
  };
}

/** How much is added or taken away: rules, elements, and the sets and chains that they are in. */
export function changeSize(change: ProgramChange): number {
  let size = change.removedChains.length + change.removedSets.length;
  for (const { rules } of change.addedChains) size += 1 + rules.length;
  for (const { rules } of change.changedChains) size += 1 + rules.length;
  for (const { elements } of change.addedSets) size += 1 + elements.size;
  for (const { deleted, added } of change.changedSets) size += deleted.length + added.length;
  return size;
}

export type ChainsChange = Pick<ProgramChange, "addedChains" | "removedChains" | "changedChains">;
export type SetsChange = Pick<ProgramChange, "addedSets" | "removedSets" | "changedSets">;

/**
 * Nobody of ours changes the hook of a chain or the type of a set: where that was done by hand, both are in the change,
 * which nft then refuses, so that the table is replaced as a whole.
 */
export function chainsChange(
  from: ReadonlyMap<string, ProgramChain>,
  to: ReadonlyMap<string, ProgramChain>,
): ChainsChange {
  const addedChains: ProgramChain[] = [];
  const changedChains: ProgramChain[] = [];
  const removedChains: ProgramChain[] = [];
  for (const [name, after] of to) {
    const before = from.get(name);
    if (before !== undefined && !sameHook(before, after)) removedChains.push(before);
    if (before === undefined || !sameHook(before, after)) addedChains.push(after);
    else if (!sameRules(before, after)) changedChains.push(after);
  }
  for (const [name, before] of from) if (!to.has(name)) removedChains.push(before);
  return { addedChains, removedChains, changedChains };
}

export function setsChange(
  from: ReadonlyMap<string, ProgramSet>,
  to: ReadonlyMap<string, ProgramSet>,
): SetsChange {
  const addedSets: ProgramSet[] = [];
  const changedSets: ChangedSet[] = [];
  const removedSets: ProgramSet[] = [];
  for (const [name, after] of to) {
    const before = from.get(name);
    if (before !== undefined && !sameDeclaration(before, after)) removedSets.push(before);
    if (before === undefined || !sameDeclaration(before, after)) {
      addedSets.push(after);
    } else if (before !== after && after.ephemeral !== true) {
      const deleted = missingFrom(before, after);
      const added = missingFrom(after, before);
      if (deleted.length > 0 || added.length > 0) changedSets.push({ set: after, deleted, added });
    }
  }
  for (const [name, before] of from) if (!to.has(name)) removedSets.push(before);
  return { addedSets, removedSets, changedSets };
}

function sameHook(a: ProgramChain, b: ProgramChain): boolean {
  return a.hook === b.hook && a.foreign === b.foreign;
}

function sameRules(a: ProgramChain, b: ProgramChain): boolean {
  if (a.rules === b.rules) return true;
  return a.rules.length === b.rules.length && a.rules.every((rule, i) => rule === b.rules[i]);
}

function sameDeclaration(a: ProgramSet, b: ProgramSet): boolean {
  return a.kind === b.kind && a.type === b.type && a.interval === b.interval && a.ephemeral === b.ephemeral;
}

/** The elements of `a` that `b` does not hold, or holds with another verdict. */
function missingFrom(a: ProgramSet, b: ProgramSet): SetElement[] {
  const missing: SetElement[] = [];
  for (const entry of a.elements) if (b.elements.get(entry[0]) !== entry[1]) missing.push(entry);
  return missing;
}
