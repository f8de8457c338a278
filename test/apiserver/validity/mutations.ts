import { isDeepStrictEqual } from "node:util";
import type { Random } from "../../generators/random.ts";
import { ANY_TYPE, FIELD_NAMES, FIELD_VALUES, LABEL_KEYS, LABEL_VALUES } from "./values.ts";

type Mapping = Record<string, unknown>;
type Path = readonly (string | number)[];

/** A place in an object: what holds it, and under which key or index. */
interface Place {
  readonly path: Path;
  readonly holder: Mapping | unknown[];
}

/** An object with one thing changed, and what that was. */
export interface Mutant {
  readonly value: Mapping;
  readonly what: string;
  /** A mapping whose key is to be written twice, and with which second value. */
  readonly twice?: { readonly path: Path; readonly second: unknown };
}

/** Fields that say which kind an object is: they decide where it is sent. */
const HEAD = ["apiVersion", "kind"];

/** A copy of the object with one random change somewhere; good or bad, the API server shall say. */
export function mutate(random: Random, original: object): Mutant {
  const value = structuredClone(original) as Mapping;
  const places = placesOf(value, []).filter(
    ({ path }) => !(path.length === 1 && HEAD.includes(String(path[0]))),
  );
  const mutations = [
    replaceByField,
    replaceByField,
    replaceByField,
    replaceByType,
    remove,
    addField,
    addField,
  ];
  mutations.push(addToList, rename, wrap, requote, addLabel, writeTwice, repeatItem);
  for (;;) {
    const mutant = random.pick(mutations)(random, random.pick(places), value);
    if (mutant !== undefined) return { value, ...mutant };
  }
}

/**
 * The object with every value that is worth trying, in each of its fields, one after the other; and with every field that
 * there is, in each of its mappings.
 */
export function* withEveryValue(original: object): Iterable<Mutant> {
  for (const { path } of placesOf(original, [])) {
    for (const by of FIELD_VALUES[String(path.at(-1))] ?? []) {
      const value = structuredClone(original) as Mapping;
      yield { value, ...replace(placeAt(value, path), by) };
    }
    for (const field of FIELD_NAMES) {
      const value = structuredClone(original) as Mapping;
      const map = current(placeAt(value, path));
      if (!isMapping(map)) break;
      if (Object.hasOwn(map, field)) continue;
      map[field] = structuredLiteral(FIELD_VALUES[field]?.[0] ?? "any");
      yield { value, what: `${[...path, field].join(".")} added` };
    }
  }
}

function placeAt(value: Mapping, path: Path): Place {
  return placesOf(value, []).find((place) => isDeepStrictEqual(place.path, path))!;
}

type Mutation = (random: Random, place: Place, value: Mapping) => Omit<Mutant, "value"> | undefined;

const replaceByField: Mutation = (random, place) => {
  const field = place.path.findLast((step) => typeof step === "string" && Object.hasOwn(FIELD_VALUES, step));
  if (field === undefined) return undefined;
  const fieldAt = place.path.lastIndexOf(field);
  if (fieldAt !== place.path.length - 1) return undefined;
  return replace(place, random.pick(FIELD_VALUES[field]!));
};

const replaceByType: Mutation = (random, place) => replace(place, random.pick(ANY_TYPE));

const remove: Mutation = (_random, { holder, path }) => {
  const key = path.at(-1)!;
  if (Array.isArray(holder)) holder.splice(Number(key), 1);
  else delete holder[key];
  return { what: `${path.join(".")} removed` };
};

const addField: Mutation = (random, place) => {
  const map = current(place);
  if (!isMapping(map)) return undefined;
  const field = random.pick(FIELD_NAMES);
  if (Object.hasOwn(map, field)) return undefined;
  const added = random.pick(FIELD_VALUES[field] ?? ANY_TYPE);
  map[field] = structuredLiteral(added);
  return { what: `${[...place.path, field].join(".")} added: ${JSON.stringify(added)}` };
};

const addToList: Mutation = (random, place) => {
  const list = current(place);
  if (!Array.isArray(list)) return undefined;
  const added = random.pick(ANY_TYPE);
  list.splice(random.int(0, list.length), 0, structuredLiteral(added));
  return { what: `${place.path.join(".")}: an item ${JSON.stringify(added)}` };
};

const repeatItem: Mutation = (random, place) => {
  const list = current(place);
  if (!Array.isArray(list) || list.length === 0) return undefined;
  const times = random.pick([1, 1, 23, 24, 25, 99, 100, 101, 500]);
  const item: unknown = list[0];
  list.push(...Array.from({ length: times }, () => structuredLiteral(item)));
  return { what: `${place.path.join(".")}: the first item ${times} times more` };
};

const rename: Mutation = (random, place) => {
  const { holder, path } = place;
  if (Array.isArray(holder)) return undefined;
  const key = String(path.at(-1));
  const at = random.int(0, key.length - 1);
  const name = random.pick([
    key.toUpperCase(),
    key.toLowerCase(),
    key[0]!.toUpperCase() + key.slice(1),
    key.slice(0, at) + key.slice(at + 1),
    key.slice(0, at) + key[at]! + key.slice(at),
    `${key}s`,
    ` ${key}`,
    `${key} `,
  ]);
  if (name === key || Object.hasOwn(holder, name)) return undefined;
  holder[name] = holder[key];
  delete holder[key];
  return { what: `${path.join(".")} renamed ${JSON.stringify(name)}` };
};

const wrap: Mutation = (_random, place) => {
  const value = current(place);
  if (Array.isArray(value)) {
    return value.length === 1 ? replace(place, value[0]) : undefined;
  }
  return replace(place, [value]);
};

/** The number as text, and the other way round. */
const requote: Mutation = (_random, place) => {
  const value = current(place);
  if (typeof value === "number" || typeof value === "boolean") return replace(place, String(value));
  if (typeof value === "string" && /^[0-9]+$/.test(value)) return replace(place, Number(value));
  return undefined;
};

const addLabel: Mutation = (random, place) => {
  const labels = current(place);
  if (!isMapping(labels) || !["labels", "matchLabels"].includes(String(place.path.at(-1)))) return undefined;
  const isKey = random.chance(0.5);
  const key = isKey ? random.pick(LABEL_KEYS) : "app";
  const value = isKey ? "a" : random.pick(LABEL_VALUES);
  Object.defineProperty(labels, key, { value, enumerable: true, configurable: true, writable: true });
  return { what: `${place.path.join(".")}: ${JSON.stringify({ [key]: value })}` };
};

const writeTwice: Mutation = (random, place) => {
  if (Array.isArray(place.holder)) return undefined;
  const second = random.chance(0.5) ? current(place) : random.pick(ANY_TYPE);
  return { what: `${place.path.join(".")} written twice`, twice: { path: place.path, second } };
};

function replace(place: Place, by: unknown): { what: string } {
  const was = JSON.stringify(current(place)).slice(0, 80);
  (place.holder as Mapping)[place.path.at(-1)!] = structuredLiteral(by);
  return { what: `${place.path.join(".")}: ${was} became ${JSON.stringify(by)?.slice(0, 200)}` };
}

/** A value that no other place shares. */
function structuredLiteral(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(structuredLiteral);
  if (!isMapping(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, structuredLiteral(each)]));
}

function current({ holder, path }: Place): unknown {
  return (holder as Mapping)[path.at(-1)!];
}

function isMapping(value: unknown): value is Mapping {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

function placesOf(value: unknown, path: Path): Place[] {
  if (!isMapping(value) && !Array.isArray(value)) return [];
  const keys: (string | number)[] = Array.isArray(value) ? [...value.keys()] : Object.keys(value);
  return keys.flatMap((key) => {
    const here = [...path, key];
    return [{ path: here, holder: value }, ...placesOf((value as Mapping)[key], here)];
  });
}
