import { addError, type Check, isAbsent } from "./check.ts";
import { checkFields, type FieldSet } from "./fields.ts";
import type { FieldPath } from "./location.ts";

/** Which field a mapping has, of those of which it may have one. */
export type OneOf<Field extends string> =
  | { readonly found: "one"; readonly field: Field }
  /** Only fields that are not known, or nothing. Not reported: what it means depends on the place. */
  | { readonly found: "none" }
  /** More than one. Reported. */
  | { readonly found: "several" };

/** The fields of which one is to be given, and what to say if there are more. */
export interface OneOfFields<Field extends string> extends FieldSet {
  readonly fields: readonly Field[];
  readonly severalHelp?: string;
}

/**
 * Reads a union of the policy API, which is a mapping with at most one property (`maxProperties: 1` of the CRD). A
 * field without a value counts as none: the API server takes it out.
 */
export function readOneOf<Field extends string>(
  check: Check,
  map: Readonly<Record<string, unknown>>,
  path: FieldPath,
  set: OneOfFields<Field>,
): OneOf<Field> {
  const [field, second] = set.fields.filter((name) => !isAbsent(map[name]));
  if (field === undefined) return { found: "none" };
  checkFields(check, map, path, set);
  if (second === undefined) return { found: "one", field };
  addError(check, [...path, second], {
    code: "one-of",
    message: `${set.name} has one of ${set.fields.join(", ")}; this one has ${field} and ${second}.`,
    help: set.severalHelp,
    part: "key",
  });
  return { found: "several" };
}
