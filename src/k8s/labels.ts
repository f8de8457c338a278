import { addError, addWarning, asWritten, type Check, type Fault, readMapping, wrongType } from "./check.ts";
import { quoteFix, setValueFix } from "./input-fixes.ts";
import { copyOf, intern, internLabels } from "./intern.ts";
import type { FieldPath } from "./location.ts";
import { labelKeyFault, labelValueFault } from "./names.ts";
import type { Labels } from "./objects.ts";
import { setField } from "./text-problem.ts";

/** Whose labels they are: an object's own, or those that a selector asks for. */
type LabelsOf = "object" | "selector";

const NO_LABELS: Labels = Object.freeze({});

/** Reads labels. A label that is wrong is reported and left out: then the whole must not be used. */
export function readLabels(check: Check, value: unknown, path: FieldPath, of: LabelsOf): Labels {
  const map = readMapping(check, value, path, labelsHelp);
  if (map === undefined) return NO_LABELS;
  if (isSame(map, recent)) return recent;
  const { errors, findings } = check;
  const findingsBefore = findings.length;
  const labels: Record<string, string> = {};
  for (const key of Object.keys(map)) {
    const value = map[key];
    const good = typeof value === "string" && isGoodLabel(key, value) ? value : undefined;
    const text = good ?? readLabel(check, key, value, [...path, key], of);
    if (text !== undefined) setField(labels, key, intern(text));
  }
  const interned = internLabels(labels);
  if (check.errors === errors && findings.length === findingsBefore) recent = interned;
  return interned;
}

/** The last labels without a fault: the pods of a workload have the same ones, and are listed one after the other. */
let recent = NO_LABELS;

/** True for the same labels in the same order. */
function isSame(map: Readonly<Record<string, unknown>>, labels: Labels): boolean {
  const keys = Object.keys(map);
  let at = 0;
  for (const key in labels) {
    if (keys[at++] !== key || map[key] !== labels[key]) return false;
  }
  return at === keys.length;
}

/** Keys and values that were found to be good: nearly all objects have the same few. */
const goodKeys = new Set<string>();
const goodValues = new Set<string>();
const MOST_REMEMBERED = 10_000;

function isGoodLabel(key: string, value: string): boolean {
  return isGood(key, goodKeys, labelKeyFault) && isGood(value, goodValues, labelValueFault);
}

function isGood(text: string, known: Set<string>, faultOf: (text: string) => string | undefined): boolean {
  if (known.has(text)) return true;
  if (faultOf(text) !== undefined) return false;
  if (known.size >= MOST_REMEMBERED) known.clear();
  known.add(copyOf(text));
  return true;
}

function readLabel(
  check: Check,
  key: string,
  value: unknown,
  path: FieldPath,
  of: LabelsOf,
): string | undefined {
  const text = readLabelValue(check, key, value, path, of);
  checkLabelKey(check, key, path);
  return text;
}

/** Reports a label key that Kubernetes refuses. */
export function checkLabelKey(
  check: Check,
  key: string,
  path: FieldPath,
  part: "key" | "value" = "key",
): void {
  const fault = labelKeyFault(key);
  if (fault === undefined) return;
  addError(check, path, {
    code: "bad-label",
    message: `The label key ${JSON.stringify(key)} ${fault}.`,
    part,
  });
}

/** Reports a label value that Kubernetes refuses. */
export function checkLabelValue(check: Check, value: string, path: FieldPath): void {
  const fault = labelValueFault(value);
  if (fault === undefined) return;
  addError(check, path, {
    code: "bad-label",
    message: `The label value ${JSON.stringify(value)} ${fault}.`,
  });
}

function readLabelValue(
  check: Check,
  key: string,
  value: unknown,
  path: FieldPath,
  of: LabelsOf,
): string | undefined {
  if (typeof value === "string") {
    checkLabelValue(check, value, path);
    return value;
  }
  if (value === null) return readEmptyValue(check, key, path, of);
  if (typeof value === "number" || typeof value === "boolean") {
    addError(check, path, labelNotString(check, key, value, path));
    return undefined;
  }
  wrongType(check, value, path, "text");
  return undefined;
}

function labelNotString(check: Check, key: string, value: number | boolean, path: FieldPath): Fault {
  const written = asWritten(check, path, value);
  const kind = typeof value === "number" ? "number" : "boolean";
  const readAs = written === String(value) ? `a ${kind}` : `the ${kind} ${value}`;
  return {
    code: "label-not-string",
    message: `${written}, the value of label ${key}, is read as ${readAs}, but a label's value must be text.`,
    help: `Quote it: ${key}: "${written}"`,
    fix: quoteFix(check, path),
  };
}

function readEmptyValue(check: Check, key: string, path: FieldPath, of: LabelsOf): string | undefined {
  if (of === "selector") {
    addError(check, path, {
      code: "empty-selector-value",
      message: `The selector asks for label ${key}, but not for which value.`,
      help: `Write the value, ${key}: "" for an empty one, or use matchExpressions with operator Exists for any.`,
    });
    return undefined;
  }
  addWarning(check, path, {
    code: "empty-label-value",
    message: `Label ${key} has no value; Kubernetes takes it as the empty text.`,
    help: `Write ${key}: "" if that is meant.`,
    fix: setValueFix(check, path, "", true),
  });
  return "";
}

function labelsHelp(value: unknown): string | undefined {
  if (Array.isArray(value)) return "Remove the dashes: labels are written as key: value.";
  if (typeof value === "string" && value.includes("=")) {
    const [key, text] = value.split("=", 2);
    return `Write ${key}: ${text} on a line of its own, with a colon.`;
  }
  return "Labels are written as key: value, each on a line of its own.";
}
