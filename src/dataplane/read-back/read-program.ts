import {
  EMPTY_PROGRAM,
  type Program,
  type ProgramChain,
  type ProgramSet,
  TABLE,
} from "../program/program.ts";
import { isObject, type Json, type JsonObject, soleField } from "./json-shapes.ts";
import { readChain } from "./read-chain.ts";
import { readRule } from "./read-rule.ts";
import { readSet } from "./read-set.ts";

/** A text is not what `nft -j list` prints. */
export class ReadBackError extends Error {
  override readonly name = "ReadBackError";
}

/**
 * Reads what `nft -j list table inet podwall` prints, or `nft -j list ruleset`, of which only that table is looked at.
 * What no program has is kept as a text that says so, and never left out. No such table: an empty program.
 * @throws ReadBackError on a text that is none of nft's.
 */
export function readProgram(text: string): Program {
  const sets = new Map<string, ProgramSet>();
  const chainObjects: JsonObject[] = [];
  const rules = new Map<string, string[]>();
  const foreign: string[] = [];
  let isThere = false;
  for (const [kind, object] of objectsOfTable(text)) {
    isThere = true;
    switch (kind) {
      case "table":
        // Flags: a dormant table judges nothing. nft 1.0.6 prints them as nonsense, but it prints them.
        if (object.flags !== undefined) foreign.push("flags of the table");
        break;
      case "set":
      case "map":
        sets.set(String(object.name), readSet(kind, object));
        break;
      case "chain":
        chainObjects.push(object);
        break;
      case "rule": {
        const chain = String(object.chain);
        const before = rules.get(chain);
        if (before === undefined) rules.set(chain, [readRule(object)]);
        else before.push(readRule(object));
        break;
      }
      default:
        foreign.push(`${kind} ${object.name}`);
    }
  }
  if (!isThere) return EMPTY_PROGRAM;
  const chains = new Map<string, ProgramChain>();
  for (const object of chainObjects) {
    const chain = readChain(object, rules.get(String(object.name)) ?? []);
    chains.set(chain.name, chain);
  }
  return { sets, chains, ...(foreign.length > 0 ? { foreign } : {}) };
}

/** The objects of our table with their kinds, in the order in which nft prints them: sets, chains, rules. */
function objectsOfTable(text: string): (readonly [kind: string, object: JsonObject])[] {
  const [family, name] = TABLE.split(" ");
  return objectsOf(text).filter(
    ([kind, object]) =>
      object.family === family && (kind === "table" ? object.name === name : object.table === name),
  );
}

function objectsOf(text: string): (readonly [kind: string, object: JsonObject])[] {
  let document: Json;
  try {
    document = JSON.parse(text) as Json;
  } catch (error) {
    throw new ReadBackError(`it is no JSON (${(error as Error).message})`);
  }
  const objects = isObject(document) ? document.nftables : undefined;
  if (!Array.isArray(objects)) throw new ReadBackError('it is JSON, but has no list "nftables"');
  return (objects as readonly Json[]).map((each) => {
    const field = soleField(each);
    if (field === undefined || !isObject(field[1])) {
      throw new ReadBackError(
        `it has an entry that is no object of nft: ${JSON.stringify(each).slice(0, 80)}`,
      );
    }
    return [field[0], field[1]] as const;
  });
}
