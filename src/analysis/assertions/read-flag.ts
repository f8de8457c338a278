import { addError, type Check, readBoolean } from "../../k8s/check.ts";
import type { FieldPath } from "../../k8s/location.ts";

/** True for a field that is `true`. Anything else is reported: `false` would mean nothing. */
export function readFlag(
  check: Check,
  map: Readonly<Record<string, unknown>>,
  path: FieldPath,
  field: string,
): boolean {
  const value = readBoolean(check, map[field], [...path, field]);
  if (value !== false) return value === true;
  addError(check, [...path, field], {
    code: "unknown-value",
    message: `${field}: false names nobody.`,
    help: `Write ${field}: true, or leave ${field} out.`,
  });
  return false;
}
