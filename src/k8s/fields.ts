import { addError, type Check } from "./check.ts";
import type { FieldPath } from "./location.ts";
import { didYouMean, editDistance } from "./suggest.ts";

/** The fields of a mapping of the API, and what to say to those who put certain others there. */
export interface FieldSet {
  /** What the mapping is, with its article: `a peer of from`. */
  readonly name: string;
  readonly fields: readonly string[];
  /** Help for fields that belong elsewhere, by their name. */
  readonly elsewhere?: Readonly<Record<string, string>>;
  /** Help for any other field. */
  readonly otherwise?: (key: string, value: unknown) => string | undefined;
}

/**
 * Reports every field that does not exist in the API. Kubernetes drops such fields in places, and what a dropped
 * field was to restrict is then open.
 */
export function checkFields(
  check: Check,
  value: Readonly<Record<string, unknown>>,
  path: FieldPath,
  set: FieldSet,
): void {
  for (const key of Object.keys(value)) {
    if (set.fields.includes(key)) continue;
    const elsewhere = set.elsewhere !== undefined && Object.hasOwn(set.elsewhere, key);
    const help = elsewhere
      ? set.elsewhere[key]
      : (didYouMean(key, set.fields) ??
        set.otherwise?.(key, value[key]) ??
        `It may have: ${set.fields.join(", ")}.`);
    addError(check, [...path, key], {
      code: "unknown-field",
      message: `${set.name} has no field ${JSON.stringify(key)}.`,
      help,
      part: "key",
    });
  }
}

/**
 * Reports the keys that are one of `fields` but for case or a single typing error. For mappings with many fields that
 * do not matter here: a full list of them would grow old with every release of Kubernetes. `name` is what the mapping
 * is, with its article. No real field of those mappings may be as near to one of `fields`.
 */
export function checkSpelling(
  check: Check,
  value: Readonly<Record<string, unknown>>,
  path: FieldPath,
  name: string,
  fields: readonly string[],
): void {
  for (const key of Object.keys(value)) {
    if (fields.includes(key)) continue;
    const lower = key.toLowerCase();
    const meant = fields.find((field) => editDistance(lower, field.toLowerCase()) <= 1);
    if (meant === undefined) continue;
    addError(check, [...path, key], {
      code: "unknown-field",
      message: `${name} has no field ${JSON.stringify(key)}.`,
      help: `Did you mean ${meant}?`,
      part: "key",
    });
  }
}
