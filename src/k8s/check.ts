import type { Severity } from "./finding.ts";
import type { FindingCode, InputFinding } from "./finding-codes.ts";
import type { Fix } from "./fix.ts";
import { quoteFix, setValueFix } from "./input-fixes.ts";
import { copyOf, intern } from "./intern.ts";
import type { FieldPath, Origin } from "./location.ts";
import { UNREADABLE } from "./text-problem.ts";

/** The validation of one object: where it came from, what it is called, and what was found so far. */
export interface Check {
  readonly origin: Origin;
  /** As in `NetworkPolicy shop/db-policy`. */
  readonly object: string;
  readonly findings: InputFinding[];
  /** How many errors there are, those included that were reported when the text was read. */
  errors: number;
}

/** What to say of a field. `part` is what to point at: the value (default) or the key. */
export interface Fault {
  readonly code: FindingCode;
  readonly message: string;
  readonly help?: string | undefined;
  readonly part?: "key" | "value";
  readonly fix?: Fix | undefined;
}

/** Begins the validation of an object. */
export function newCheck(origin: Origin, object: string): Check {
  return { origin, object, findings: [], errors: 0 };
}

/** Reports that something makes the object unusable. */
export function addError(check: Check, path: FieldPath, fault: Fault): void {
  check.errors++;
  add(check, "error", path, fault);
}

/** Reports that something is doubtful. */
export function addWarning(check: Check, path: FieldPath, fault: Fault): void {
  add(check, "warning", path, fault);
}

function add(check: Check, severity: Severity, path: FieldPath, fault: Fault): void {
  check.findings.push({
    code: fault.code,
    severity,
    position: check.origin.position(path, fault.part ?? "value"),
    object: check.object,
    message: fault.message,
    ...(fault.help === undefined ? {} : { help: fault.help }),
    ...(fault.fix === undefined ? {} : { fix: fault.fix }),
  });
}

/** A value in words: `a list`, `"web"`, `the number 80`, `true`, `nothing`. */
export function inWords(value: unknown): string {
  if (value === null || value === undefined) return "nothing";
  if (Array.isArray(value)) return "a list";
  switch (typeof value) {
    case "object":
      return "a mapping";
    case "number":
      return `the number ${value}`;
    case "string":
      return value.length > 60
        ? `${JSON.stringify(value.slice(0, 57)).slice(0, -1)}..."`
        : JSON.stringify(value);
    default:
      return String(value);
  }
}

/** A field path in words: `spec.ingress[0].from`. */
export function pathInWords(path: FieldPath): string {
  let words = "";
  for (const step of path) words += typeof step === "number" ? `[${step}]` : words === "" ? step : `.${step}`;
  return words;
}

/** A scalar as the person wrote it, which is what has to go into quotes: `yes`, not `true`. */
export function asWritten(check: Check, path: FieldPath, value: number | boolean): string {
  return check.origin.text?.(path) ?? String(value);
}

/** Reports a value of the wrong type, unless the reader of the text has reported it. */
export function wrongType(
  check: Check,
  value: unknown,
  path: FieldPath,
  wanted: string,
  help?: string,
  fix?: Fix,
): void {
  if (value === UNREADABLE) {
    check.errors++;
    return;
  }
  const message = `${pathInWords(path)} must be ${wanted}, not ${inWords(value)}.`;
  addError(check, path, { code: "wrong-type", message, help, fix });
}

/** True for what the API reads as "not given": nothing, and null. */
export function isAbsent(value: unknown): value is null | undefined {
  return value === undefined || value === null;
}

/** True for a mapping. */
export function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The mapping, or undefined: absent, or reported to be something else. `help` may depend on the value. */
export function readMapping(
  check: Check,
  value: unknown,
  path: FieldPath,
  help?: (value: unknown) => string | undefined,
): Readonly<Record<string, unknown>> | undefined {
  if (isAbsent(value) || isMapping(value)) return value ?? undefined;
  wrongType(check, value, path, "a mapping", help?.(value));
  return undefined;
}

/** The list, or undefined: absent, or reported to be something else. */
export function readList(
  check: Check,
  value: unknown,
  path: FieldPath,
  help?: (value: unknown) => string | undefined,
): readonly unknown[] | undefined {
  if (isAbsent(value) || Array.isArray(value)) return value ?? undefined;
  wrongType(check, value, path, "a list", help?.(value));
  return undefined;
}

/** The text, or undefined: absent, or reported to be something else. */
export function readText(check: Check, value: unknown, path: FieldPath): string | undefined {
  if (typeof value === "string") return intern(value);
  if (isAbsent(value)) return undefined;
  const isScalar = typeof value === "number" || typeof value === "boolean";
  wrongType(
    check,
    value,
    path,
    "text",
    isScalar ? `Put it in quotes: "${asWritten(check, path, value)}".` : undefined,
    isScalar ? quoteFix(check, path) : undefined,
  );
  return undefined;
}

/** As {@link readText}, of a field of the mapping at `path`: the way to the field is put together for a fault only. */
export function readTextField(
  check: Check,
  map: Readonly<Record<string, unknown>>,
  path: FieldPath,
  field: string,
): string | undefined {
  const value = map[field];
  if (typeof value === "string") return intern(value);
  return isAbsent(value) ? undefined : readText(check, value, [...path, field]);
}

/**
 * As {@link readTextField}, of what hardly two objects have in common, such as a name: remembering it would push out what
 * they do have in common.
 */
export function readUniqueTextField(
  check: Check,
  map: Readonly<Record<string, unknown>>,
  path: FieldPath,
  field: string,
): string | undefined {
  const value = map[field];
  return typeof value === "string" ? copyOf(value) : readTextField(check, map, path, field);
}

/** As {@link readBoolean}, of a field of the mapping at `path`. */
export function readBooleanField(
  check: Check,
  map: Readonly<Record<string, unknown>>,
  path: FieldPath,
  field: string,
): boolean | undefined {
  const value = map[field];
  if (typeof value === "boolean") return value;
  return isAbsent(value) ? undefined : readBoolean(check, value, [...path, field]);
}

/** The boolean, or undefined: absent, or reported to be something else. */
export function readBoolean(check: Check, value: unknown, path: FieldPath): boolean | undefined {
  if (isAbsent(value) || typeof value === "boolean") return value ?? undefined;
  const isQuoted = value === "true" || value === "false";
  const help = isQuoted ? `Write ${value} without quotes.` : undefined;
  const fix = isQuoted ? setValueFix(check, path, value === "true", true) : undefined;
  wrongType(check, value, path, "true or false", help, fix);
  return undefined;
}
