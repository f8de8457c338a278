import { type Program, type ProgramChain, type ProgramSet, TABLE } from "./program.ts";

/** One nft command, and the thing of the program that it is for. */
export interface DeltaOperation {
  readonly command: string;
  /** `set NAME` or `chain NAME`, for messages. */
  readonly target: string;
}

/** The smallest transaction that turns one program into another. Empty, if they are equal. */
export type Delta = readonly DeltaOperation[];

/** Long element lists are cut, so that one line of a transaction stays readable. */
const ELEMENTS_PER_COMMAND = 500;

/**
 * Compares two programs. Applied as one transaction, no packet sees anything but the one or the other. Chains
 * whose rules differ are rewritten whole; of sets only the elements that differ are touched.
 */
export function programDelta(from: Program, to: Program): Delta {
  const operations: DeltaOperation[] = [];
  const add = (target: string, command: string): void => {
    operations.push({ target, command });
  };
  const chains = compareMaps(from.chains, to.chains, sameChain);
  const sets = compareMaps(from.sets, to.sets, sameElements);

  if (from.chains.size === 0) add("table", `add table ${TABLE}`);
  // Chains come to exist before anything can go to them, and sets before a rule can name them.
  for (const chain of chains.added) add(`chain ${chain.name}`, declareChain(chain));
  for (const set of sets.added) add(`set ${set.name}`, declareSet(set));
  for (const [before, after] of sets.changed) {
    for (const command of elementCommands("delete", before, missingFrom(before, after)))
      add(`set ${after.name}`, command);
  }
  for (const set of sets.added) {
    for (const command of elementCommands("add", set, [...set.elements])) add(`set ${set.name}`, command);
  }
  for (const [before, after] of sets.changed) {
    for (const command of elementCommands("add", after, missingFrom(after, before)))
      add(`set ${after.name}`, command);
  }
  for (const [, after] of chains.changed) add(`chain ${after.name}`, `flush chain ${TABLE} ${after.name}`);
  for (const chain of chains.removed) add(`chain ${chain.name}`, `flush chain ${TABLE} ${chain.name}`);
  // Base chains last: a packet reaches the new rules when all of them are there, even in a load cut in pieces.
  const written = [...chains.added, ...chains.changed.map(([, after]) => after)];
  for (const chain of written.sort((a, b) => Number(a.hook !== undefined) - Number(b.hook !== undefined))) {
    for (const rule of chain.rules) add(`chain ${chain.name}`, `add rule ${TABLE} ${chain.name} ${rule}`);
  }
  for (const set of sets.removed) {
    // A verdict map holds on to the chains that it names.
    if (set.kind === "map") add(`map ${set.name}`, `flush map ${TABLE} ${set.name}`);
  }
  for (const chain of chains.removed) add(`chain ${chain.name}`, `delete chain ${TABLE} ${chain.name}`);
  for (const set of sets.removed) add(`set ${set.name}`, `delete ${set.kind} ${TABLE} ${set.name}`);
  return operations;
}

/** The delta as a script for `nft -f -`. */
export function formatDelta(delta: Delta): string {
  return delta.map((operation) => `${operation.command}\n`).join("");
}

interface Comparison<T> {
  readonly added: T[];
  readonly removed: T[];
  readonly changed: [before: T, after: T][];
}

function compareMaps<T>(
  from: ReadonlyMap<string, T>,
  to: ReadonlyMap<string, T>,
  same: (a: T, b: T) => boolean,
): Comparison<T> {
  const comparison: Comparison<T> = { added: [], removed: [], changed: [] };
  for (const [name, after] of to) {
    const before = from.get(name);
    if (before === undefined) comparison.added.push(after);
    else if (!same(before, after)) comparison.changed.push([before, after]);
  }
  for (const [name, before] of from) if (!to.has(name)) comparison.removed.push(before);
  return comparison;
}

function sameChain(a: ProgramChain, b: ProgramChain): boolean {
  return a.rules.length === b.rules.length && a.rules.every((rule, i) => rule === b.rules[i]);
}

function sameElements(a: ProgramSet, b: ProgramSet): boolean {
  return a.elements.size === b.elements.size && missingFrom(a, b).length === 0;
}

/** The elements of `a` that `b` does not hold, or holds with another verdict. */
function missingFrom(a: ProgramSet, b: ProgramSet): [string, string][] {
  return [...a.elements].filter(([element, verdict]) => b.elements.get(element) !== verdict);
}

function declareChain(chain: ProgramChain): string {
  const parts: string[] = [];
  if (chain.hook !== undefined) parts.push(`type filter hook ${chain.hook} priority filter; policy accept;`);
  if (chain.comment !== undefined) parts.push(`comment "${chain.comment}";`);
  return `add chain ${TABLE} ${chain.name}${parts.length > 0 ? ` { ${parts.join(" ")} }` : ""}`;
}

function declareSet(set: ProgramSet): string {
  return `add ${set.kind} ${TABLE} ${set.name} { type ${set.type};${set.interval ? " flags interval;" : ""} }`;
}

function elementCommands(verb: "add" | "delete", set: ProgramSet, elements: [string, string][]): string[] {
  const commands: string[] = [];
  for (let i = 0; i < elements.length; i += ELEMENTS_PER_COMMAND) {
    const list = elements
      .slice(i, i + ELEMENTS_PER_COMMAND)
      .map(([element, verdict]) => (verdict === "" ? element : `${element} : ${verdict}`));
    commands.push(`${verb} element ${TABLE} ${set.name} { ${list.join(", ")} }`);
  }
  return commands;
}
