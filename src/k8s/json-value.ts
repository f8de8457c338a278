import { scanJson } from "./json-scan.ts";
import type { FieldPath } from "./location.ts";
import { MAX_DEPTH, TOO_DEEP } from "./nesting.ts";
import { setField, type TextProblem, UNREADABLE } from "./text-problem.ts";

/** A JSON value whose doubled keys are {@link UNREADABLE}. */
export interface JsonValue {
  readonly value: unknown;
  readonly problems: readonly TextProblem[];
}

/**
 * Refuses nesting that is too deep, and looks for keys that an object has twice, which `JSON.parse` settles in silence. A text without them has as many
 * colons outside strings as its value has keys; only one with them is scanned in full.
 */
export function checkDuplicateKeys(text: string, value: unknown): JsonValue {
  const { colons, tooDeep } = surveyJson(text);
  if (tooDeep !== undefined) {
    return { value: UNREADABLE, problems: [{ code: "json-syntax", offset: tooDeep, message: TOO_DEEP }] };
  }
  if (colons === countKeys(value)) return { value, problems: [] };
  const scan = scanJson(text, 0);
  if ("message" in scan) return { value: UNREADABLE, problems: [{ code: "json-syntax", ...scan }] };
  for (const { path } of scan.duplicates) markUnreadable(value, path);
  return {
    value,
    problems: scan.duplicates.map(({ offset, path }) => ({
      code: "duplicate-key",
      offset,
      message: `${String(path.at(-1))} is written twice in the same object.`,
      help: "Keep one of the two: Kubernetes refuses both, and other tools pick either.",
    })),
  };
}

function markUnreadable(value: unknown, path: FieldPath): void {
  let parent = value as Record<string, unknown>;
  for (const step of path.slice(0, -1)) {
    const child = Object.hasOwn(parent, step) ? parent[step] : undefined;
    // A doubled key further up, or a value that `JSON.parse` dropped with its key.
    if (typeof child !== "object" || child === null) return;
    parent = child as Record<string, unknown>;
  }
  setField(parent, String(path.at(-1)), UNREADABLE);
}

/** How many colons there are outside strings, and where the first value is nested too deep. */
function surveyJson(text: string): { readonly colons: number; readonly tooDeep?: number } {
  let colons = 0;
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 58) {
      colons++;
    } else if (code === 34) {
      at = stringEnd(text, at);
    } else if (code === 91 || code === 123) {
      depth++;
      if (depth > MAX_DEPTH) return { colons, tooDeep: at };
    } else if (code === 93 || code === 125) {
      depth--;
    }
  }
  return { colons };
}

function stringEnd(text: string, start: number): number {
  let at = start + 1;
  for (let code = text.charCodeAt(at); code !== 34; code = text.charCodeAt(at)) at += code === 92 ? 2 : 1;
  return at;
}

function countKeys(root: unknown): number {
  let keys = 0;
  const waiting: unknown[] = [root];
  while (waiting.length > 0) {
    const value = waiting.pop();
    if (Array.isArray(value)) {
      for (const item of value) if (typeof item === "object" && item !== null) waiting.push(item);
    } else if (typeof value === "object" && value !== null) {
      for (const item of Object.values(value)) {
        keys++;
        if (typeof item === "object" && item !== null) waiting.push(item);
      }
    }
  }
  return keys;
}
