import { addError, type Check } from "./check.ts";
import { renameFix } from "./input-fixes.ts";
import { copyOf } from "./intern.ts";
import type { FieldPath } from "./location.ts";
import { closest, didYouMean, editDistance } from "./suggest.ts";

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
    const nearest = elsewhere ? undefined : closest(key, set.fields);
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
      fix: nearest === undefined ? undefined : renameFix(check, value, [...path, key], nearest),
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
  for (const key in value) {
    const meant = meantField(key, fields);
    if (meant === undefined || !Object.hasOwn(value, key)) continue;
    addError(check, [...path, key], {
      code: "unknown-field",
      message: `${name} has no field ${JSON.stringify(key)}.`,
      help: `Did you mean ${meant}?`,
      part: "key",
      fix: renameFix(check, value, [...path, key], meant),
    });
  }
}

/** What was found of the keys that were met, for each list of fields: nearly all objects have the same few keys. */
const meantFields = new WeakMap<readonly string[], Map<string, string | undefined>>();
const MOST_REMEMBERED = 1000;

/** The field that a key is nearly, or undefined if it is one of them or none. */
function meantField(key: string, fields: readonly string[]): string | undefined {
  let known = meantFields.get(fields);
  if (known === undefined) {
    known = new Map();
    meantFields.set(fields, known);
  }
  const meant = known.get(key);
  if (meant !== undefined || known.has(key)) return meant;
  const lower = key.toLowerCase();
  const found = fields.includes(key)
    ? undefined
    : fields.find((field) => editDistance(lower, field.toLowerCase()) <= 1);
  if (known.size < MOST_REMEMBERED) known.set(copyOf(key), found);
  return found;
}
