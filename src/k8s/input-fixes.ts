import type { Check } from "./check.ts";
import type { FieldEdit, Fix } from "./fix.ts";
import type { FieldPath, Position } from "./location.ts";
import { closest } from "./suggest.ts";

// The ways in which what is found while reading can be mended. Each is undefined where there is no text behind the object,
// as behind one of an API server.

function placeIn(check: Check, path: FieldPath, part: "key" | "value"): Position | undefined {
  const position = check.origin.position(path, part);
  return position.line === 0 ? undefined : position;
}

function fixAt(
  check: Check,
  path: FieldPath,
  part: "key" | "value",
  fix: { readonly title: string; readonly safe: boolean; readonly edit: (at: Position) => FieldEdit },
): Fix | undefined {
  const at = placeIn(check, path, part);
  return at === undefined ? undefined : { title: fix.title, safe: fix.safe, edits: [fix.edit(at)] };
}

/** Writes another scalar. */
export function setValueFix(
  check: Check,
  path: FieldPath,
  value: string | number | boolean,
  safe: boolean,
): Fix | undefined {
  const title = value === "" ? 'write ""' : `write ${value}`;
  return fixAt(check, path, "value", { title, safe, edit: (at) => ({ kind: "set-value", at, value }) });
}

/** Puts a number or a boolean in quotes. The object was refused, and what is written can mean nothing but this text. */
export function quoteFix(check: Check, path: FieldPath): Fix | undefined {
  const fix = { title: "put it in quotes", safe: true };
  return fixAt(check, path, "value", { ...fix, edit: (at) => ({ kind: "quote-value", at }) });
}

/** Takes a number out of its quotes; undefined for a text that is none. */
export function unquoteFix(check: Check, path: FieldPath, value: unknown): Fix | undefined {
  if (typeof value !== "string" || !/^(?:0|[1-9][0-9]{0,8})$/.test(value)) return undefined;
  return fixAt(check, path, "value", {
    title: "remove the quotes",
    safe: true,
    edit: (at) => ({ kind: "set-value", at, value: Number(value) }),
  });
}

/** Writes the one of the known words that was probably meant. Safe if only upper and lower case were mixed up. */
export function nearestFix(
  check: Check,
  path: FieldPath,
  text: string,
  candidates: readonly string[],
): Fix | undefined {
  const meant = closest(text, candidates);
  if (meant === undefined) return undefined;
  return setValueFix(check, path, meant, meant.toLowerCase() === text.toLowerCase());
}

/**
 * Gives a field the name that was probably meant. Never safe: a field that nobody had noticed to be unknown begins to
 * work. Undefined if the mapping has that field already.
 */
export function renameFix(
  check: Check,
  map: Readonly<Record<string, unknown>>,
  path: FieldPath,
  name: string,
): Fix | undefined {
  if (Object.hasOwn(map, name)) return undefined;
  const fix = { title: `rename it to ${name}`, safe: false };
  return fixAt(check, path, "key", { ...fix, edit: (at) => ({ kind: "rename-field", at, name }) });
}

/** Takes away a field that changes nothing. */
export function removeFieldFix(check: Check, path: FieldPath): Fix | undefined {
  const fix = { title: `remove ${String(path.at(-1))}`, safe: true };
  return fixAt(check, path, "key", { ...fix, edit: (at) => ({ kind: "remove-field", at }) });
}

/** Takes away an item of a list that is there a second time. */
export function removeItemFix(check: Check, path: FieldPath): Fix | undefined {
  const fix = { title: "remove the second one", safe: true };
  return fixAt(check, path, "value", { ...fix, edit: (at) => ({ kind: "remove-item", at }) });
}

/** Exchanges two numbers of a mapping. Not safe: one of the two may have been a typing error. */
export function swapFix(
  check: Check,
  path: FieldPath,
  first: readonly [field: string, value: number],
  second: readonly [field: string, value: number],
): Fix | undefined {
  const [a, b] = [first, second].map(([field]) => placeIn(check, [...path, field], "value"));
  if (a === undefined || b === undefined) return undefined;
  return {
    title: `exchange ${first[0]} and ${second[0]}`,
    safe: false,
    edits: [
      { kind: "set-value", at: a, value: second[1] },
      { kind: "set-value", at: b, value: first[1] },
    ],
  };
}
