import type { ProgramSet } from "../program/program.ts";
import { type Json, type JsonObject, unknownText } from "./json-shapes.ts";
import { elementReader } from "./read-element.ts";
import { readVerdict } from "./read-verdict.ts";

/** Fields of a set that say nothing about what it matches, or that are read. */
const READ = ["family", "name", "table", "handle", "comment", "type", "map", "flags", "elem"];

/** Sets that packets may add to, or whose elements have a timeout, get a size of their own accord. */
const READ_OF_EPHEMERAL = [...READ, "size", "timeout", "gc-interval"];

/** Reads an object `set` or `map` of nft's JSON. Elements are told as the compiler writes them. */
export function readSet(kind: "set" | "map", object: JsonObject): ProgramSet {
  const flags = asList(object.flags);
  const ephemeral = flags.includes("timeout") || flags.includes("dynamic");
  const interval = flags.includes("interval");
  const keyTypes = asList(object.type).filter((type) => typeof type === "string");
  const type = [keyTypes.join(" . "), ...(typeof object.map === "string" ? [object.map] : [])].join(" : ");
  const strange = strangeness(object, flags, keyTypes, ephemeral ? READ_OF_EPHEMERAL : READ);
  const readKey = elementReader(keyTypes, interval);
  const elements = new Map<string, string>();
  for (const element of Array.isArray(object.elem) ? (object.elem as readonly Json[]) : []) {
    if (kind === "set") {
      elements.set(readKey(element), "");
    } else if (Array.isArray(element) && element.length === 2) {
      elements.set(readKey(element[0]), readVerdict(element[1]) ?? unknownText(element[1]));
    } else {
      elements.set(unknownText(element), "");
    }
  }
  return {
    name: String(object.name),
    kind,
    type: strange === undefined ? type : `${type} ${unknownText(strange)}`,
    interval,
    ...(ephemeral ? { ephemeral } : {}),
    elements,
  };
}

/** What the set has that no set of ours has; undefined if there is nothing. */
function strangeness(
  object: JsonObject,
  flags: readonly Json[],
  keyTypes: readonly Json[],
  read: readonly string[],
): JsonObject | undefined {
  const rest: Record<string, Json> = {};
  for (const [name, value] of Object.entries(object)) if (!read.includes(name)) rest[name] = value!;
  const otherFlags = flags.filter((flag) => !["interval", "timeout", "dynamic"].includes(flag as string));
  if (otherFlags.length > 0) rest.flags = otherFlags;
  if (keyTypes.length !== asList(object.type).length) rest.type = object.type!;
  if (object.map !== undefined && typeof object.map !== "string") rest.map = object.map;
  return Object.keys(rest).length === 0 ? undefined : rest;
}

/** Some versions of nft write a list of one without the list. */
function asList(value: Json | undefined): readonly Json[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? (value as readonly Json[]) : [value];
}
