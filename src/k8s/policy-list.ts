import { addError, type Check, pathInWords, readList } from "./check.ts";
import { removeItemFix } from "./input-fixes.ts";
import type { FieldPath } from "./location.ts";

/** What the API asks of a list. */
export interface ListLimits {
  readonly min: 0 | 1;
  readonly max: number;
  /** What to do about an empty one that must not be. */
  readonly emptyHelp?: string;
  /** What to do about a value that is no list. */
  readonly typeHelp?: (value: unknown) => string | undefined;
}

/** The list, with its length checked; undefined if absent, or reported to be no list. */
export function readLimitedList(
  check: Check,
  value: unknown,
  path: FieldPath,
  limits: ListLimits,
): readonly unknown[] | undefined {
  const list = readList(check, value, path, limits.typeHelp);
  if (list === undefined) return undefined;
  if (list.length < limits.min) {
    addError(check, path, {
      code: "empty-list",
      message: `${pathInWords(path)} is empty; it needs at least one item.`,
      help: limits.emptyHelp,
      part: "key",
    });
  }
  if (list.length > limits.max) {
    addError(check, path, {
      code: "too-many-items",
      message: `${pathInWords(path)} has ${list.length} items; the API allows ${limits.max}.`,
      help: "Spread them over several policies or rules.",
      part: "key",
    });
  }
  return list;
}

/** Reports each item that an earlier one equals: the API holds the list to be a set (`listType=set`). */
export function checkDistinct(check: Check, items: readonly unknown[], path: FieldPath): void {
  const seen = new Set<unknown>();
  for (const [index, item] of items.entries()) {
    if (typeof item === "string" && seen.has(item)) {
      addError(check, [...path, index], {
        code: "duplicate-item",
        message: `${pathInWords(path)} names ${item} twice.`,
        help: "Remove one of them.",
        fix: removeItemFix(check, [...path, index]),
      });
    }
    seen.add(item);
  }
}

/** Applies `read` to each item, and leaves out those that could not be read. */
export function readItems<T>(
  list: readonly unknown[],
  path: FieldPath,
  read: (item: unknown, path: FieldPath) => T | undefined,
): T[] {
  return list.flatMap((item, index) => {
    const value = read(item, [...path, index]);
    return value === undefined ? [] : [value];
  });
}
