import type {
  Program,
  ProgramChain,
  ProgramChange,
  ProgramSet,
} from "../../src/dataplane/program/program.ts";

/** A program to which changes are applied as the kernel does it: nothing may be added twice or taken away twice. */
export interface ProgramMirror {
  readonly program: Program;
  /** @throws Error naming the thing, for a change that nft would refuse. */
  apply(change: ProgramChange): void;
}

export function createProgramMirror(): ProgramMirror {
  const sets = new Map<string, ProgramSet>();
  const chains = new Map<string, ProgramChain>();
  const insist = (condition: boolean, what: string): void => {
    if (!condition) throw new Error(what);
  };
  return {
    program: { sets, chains },
    apply: (change) => {
      for (const chain of change.addedChains) {
        insist(!chains.has(chain.name), `chain ${chain.name} is there already`);
        chains.set(chain.name, chain);
      }
      for (const chain of change.changedChains) {
        insist(chains.has(chain.name), `chain ${chain.name} is not there`);
        chains.set(chain.name, chain);
      }
      for (const { name } of change.removedChains) {
        insist(chains.delete(name), `chain ${name} is not there`);
      }
      for (const set of change.addedSets) {
        insist(!sets.has(set.name), `set ${set.name} is there already`);
        sets.set(set.name, { ...set, elements: new Map(set.elements) });
      }
      for (const { set, deleted, added } of change.changedSets) {
        const before = sets.get(set.name);
        insist(before !== undefined, `set ${set.name} is not there`);
        const elements = new Map(before!.elements);
        for (const [element] of deleted) {
          insist(elements.delete(element), `${set.name} does not hold ${element}`);
        }
        for (const [element, verdict] of added) {
          insist(!elements.has(element), `${set.name} holds ${element} already`);
          elements.set(element, verdict);
        }
        sets.set(set.name, { ...before!, elements });
      }
      for (const { name } of change.removedSets) insist(sets.delete(name), `set ${name} is not there`);
    },
  };
}

/**
 * A program as text in which sets of pods have no names but what they hold, since names tell what a set once held.
 * Whatever names something that is not there shows in it; so does every set that nothing names.
 */
export function canonicalProgram({ sets, chains }: Program): unknown {
  const contents = new Map<string, string>();
  for (const set of sets.values()) {
    if (!/^(peers|lesser|unaudited|unaudited_lesser)_/.test(set.name)) continue;
    contents.set(set.name, `{${set.type} ${[...set.elements.keys()].sort().join(" ")}}`);
  }
  const spelledOut = (text: string): string =>
    text.replace(
      /@((?:peers|lesser|unaudited|unaudited_lesser)_\S+)/g,
      (_, name: string) => contents.get(name) ?? `missing ${name}`,
    );
  const fixed = [...sets.values()].filter(({ name }) => !contents.has(name));
  return {
    pods: [...contents.values()].sort(),
    sets: fixed
      .map(({ name, type, interval, elements }) => [name, type, interval, [...elements].sort()])
      .sort(),
    chains: [...chains.values()]
      .map(({ name, hook, comment, rules }) => [name, hook, comment, rules.map(spelledOut)])
      .sort(),
  };
}
