import {
  EMPTY_PROGRAM,
  type Program,
  type ProgramChain,
  type ProgramChange,
  type SetDeclaration,
  type SetElement,
  TABLE,
} from "./program.ts";
import { programChange } from "./program-change.ts";

/** One nft command, and the thing of the program that it is for. */
export interface DeltaOperation {
  readonly command: string;
  /** `set NAME`, `map NAME` or `chain NAME`, for messages. */
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
  const delta = deltaOf(programChange(from, to));
  return from.chains.size === 0 && delta.length > 0 ? [CREATE_TABLE, ...delta] : delta;
}

const CREATE_TABLE: DeltaOperation = { target: "table", command: `add table ${TABLE}` };

/** Makes the table empty, whether it is there or not; to be followed by what fills it, in the same transaction. */
const EMPTY_TABLE: Delta = [
  CREATE_TABLE,
  { target: "table", command: `delete table ${TABLE}` },
  CREATE_TABLE,
];

/** The transaction that puts a program in the place of whatever the table holds. */
export function replacementDelta(program: Program): Delta {
  return [...EMPTY_TABLE, ...deltaOf(programChange(EMPTY_PROGRAM, program))];
}

/** The operations of a change, in an order that nft accepts. */
export function deltaOf(change: ProgramChange): Delta {
  const operations: DeltaOperation[] = [];
  const add = (target: string, command: string): void => {
    operations.push({ target, command });
  };
  const addElements = (
    verb: "add" | "delete",
    set: SetDeclaration,
    elements: readonly SetElement[],
  ): void => {
    for (const command of elementCommands(verb, set, elements)) add(`${set.kind} ${set.name}`, command);
  };
  const { addedChains, removedChains, changedChains, addedSets, removedSets, changedSets } = change;

  // Chains come to exist before anything can go to them, and sets before a rule can name them.
  const goneChains = new Set(removedChains.map(({ name }) => name));
  const goneSets = new Set(removedSets.map(({ name }) => name));
  for (const chain of addedChains) {
    add(`chain ${chain.name}`, declareChain(goneChains.has(chain.name) ? "create" : "add", chain));
  }
  for (const set of addedSets) {
    add(`${set.kind} ${set.name}`, declareSet(goneSets.has(set.name) ? "create" : "add", set));
  }
  for (const { set, deleted } of changedSets) addElements("delete", set, deleted);
  for (const set of addedSets) if (set.ephemeral !== true) addElements("add", set, [...set.elements]);
  for (const { set, added } of changedSets) addElements("add", set, added);
  for (const chain of [...changedChains, ...removedChains]) {
    add(`chain ${chain.name}`, `flush chain ${TABLE} ${chain.name}`);
  }
  // Base chains last: a packet reaches the new rules when all of them are there, even in a load cut in pieces.
  const written = [...addedChains, ...changedChains];
  for (const chain of written.sort((a, b) => Number(a.hook !== undefined) - Number(b.hook !== undefined))) {
    for (const rule of chain.rules) add(`chain ${chain.name}`, `add rule ${TABLE} ${chain.name} ${rule}`);
  }
  for (const set of removedSets) {
    // A verdict map holds on to the chains that it names.
    if (set.kind === "map") add(`map ${set.name}`, `flush map ${TABLE} ${set.name}`);
  }
  for (const chain of removedChains) add(`chain ${chain.name}`, `delete chain ${TABLE} ${chain.name}`);
  for (const set of removedSets) add(`${set.kind} ${set.name}`, `delete ${set.kind} ${TABLE} ${set.name}`);
  return operations;
}

/** The delta as a script for nft. */
export function formatDelta(delta: Delta): string {
  let text = "";
  for (const { command } of delta) text += `${command}\n`;
  return text;
}

/** About how long the script of a delta is, in bytes. */
export function deltaBytes(delta: Delta): number {
  let bytes = 0;
  for (const { command } of delta) bytes += command.length + 1;
  return bytes;
}

/**
 * What is to be another thing under the same name is declared with `create`, which nft refuses as long as there is one:
 * with `add` it could take what is there for it, and the deletion further down would leave none.
 */
type Declaration = "add" | "create";

function declareChain(verb: Declaration, chain: ProgramChain): string {
  const parts: string[] = [];
  if (chain.hook !== undefined) parts.push(`type filter hook ${chain.hook} priority filter; policy accept;`);
  if (chain.comment !== undefined) parts.push(`comment "${chain.comment}";`);
  return `${verb} chain ${TABLE} ${chain.name}${parts.length > 0 ? ` { ${parts.join(" ")} }` : ""}`;
}

function declareSet(verb: Declaration, set: SetDeclaration): string {
  const flags = set.ephemeral === true ? " flags timeout;" : set.interval ? " flags interval;" : "";
  return `${verb} ${set.kind} ${TABLE} ${set.name} { type ${set.type};${flags} }`;
}

function elementCommands(
  verb: "add" | "delete",
  set: SetDeclaration,
  elements: readonly SetElement[],
): string[] {
  const commands: string[] = [];
  for (let i = 0; i < elements.length; i += ELEMENTS_PER_COMMAND) {
    const list = elements
      .slice(i, i + ELEMENTS_PER_COMMAND)
      .map(([element, verdict]) => (verdict === "" ? element : `${element} : ${verdict}`));
    commands.push(`${verb} element ${TABLE} ${set.name} { ${list.join(", ")} }`);
  }
  return commands;
}
