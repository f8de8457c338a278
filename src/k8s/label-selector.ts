import {
  addError,
  type Check,
  inWords,
  isAbsent,
  pathInWords,
  readList,
  readMapping,
  readText,
  wrongType,
} from "./check.ts";
import { checkFields, type FieldSet } from "./fields.ts";
import { nearestFix } from "./input-fixes.ts";
import { checkLabelKey, checkLabelValue, readLabels } from "./labels.ts";
import type { FieldPath } from "./location.ts";
import type { LabelSelector, LabelSelectorRequirement } from "./objects.ts";
import { didYouMean } from "./suggest.ts";

const OPERATORS = ["In", "NotIn", "Exists", "DoesNotExist"] as const;

const SELECTOR: FieldSet = {
  name: "A label selector",
  fields: ["matchLabels", "matchExpressions"],
  otherwise: (key, value) =>
    typeof value === "string"
      ? `Did you forget matchLabels? Write {matchLabels: {${key}: ${value}}}.`
      : undefined,
};

const REQUIREMENT: FieldSet = {
  name: "A matchExpressions entry",
  fields: ["key", "operator", "values"],
  elsewhere: { value: "Did you mean values? It is a list: values: [...]." },
};

/**
 * Reads meta/v1 LabelSelector by the API server's rules (`ValidateLabelSelector`). The value must not be absent.
 * Returns undefined if it is no mapping; with errors inside, a selector that must not be used.
 */
export function readLabelSelector(check: Check, value: unknown, path: FieldPath): LabelSelector | undefined {
  const map = readMapping(check, value, path, selectorHelp);
  if (map === undefined) return undefined;
  checkFields(check, map, path, SELECTOR);
  const expressions = readList(check, map.matchExpressions, [...path, "matchExpressions"], (v) =>
    typeof v === "object" ? "Put a dash before key: it is a list of entries." : undefined,
  );
  return {
    // Written without a value it asks for nothing, and it matters to people that it was written.
    ...(map.matchLabels === undefined
      ? {}
      : { matchLabels: readLabels(check, map.matchLabels ?? {}, [...path, "matchLabels"], "selector") }),
    ...(expressions === undefined
      ? {}
      : {
          matchExpressions: expressions.flatMap((item, index) =>
            readRequirement(check, item, [...path, "matchExpressions", index]),
          ),
        }),
  };
}

function selectorHelp(value: unknown): string | undefined {
  if (Array.isArray(value))
    return "Remove the dash: a selector is a mapping with matchLabels or matchExpressions.";
  if (typeof value === "string" && value.includes("=")) {
    const [key, text] = value.split("=", 2);
    return `Write {matchLabels: {${key}: ${text}}}.`;
  }
  return "Write {matchLabels: {key: value}}, or {} to select everything.";
}

function readRequirement(check: Check, item: unknown, path: FieldPath): LabelSelectorRequirement[] {
  const map = readMapping(check, item, path, () => "Write {key: ..., operator: In, values: [...]}.");
  if (map === undefined) {
    if (isAbsent(item)) wrongType(check, item, path, "a mapping");
    return [];
  }
  checkFields(check, map, path, REQUIREMENT);
  const key = readText(check, map.key, [...path, "key"]);
  if (isAbsent(map.key)) missing(check, path, "key", "Say which label it is about: key: ...");
  else if (key !== undefined) checkLabelKey(check, key, [...path, "key"], "value");
  const operator = readOperator(check, map.operator, path);
  const values = readValues(check, map.values, [...path, "values"]);
  if (operator !== undefined && (isAbsent(map.values) || Array.isArray(map.values))) {
    checkValues(check, operator, map.values ?? [], path);
  }
  if (key === undefined || operator === undefined) return [];
  return [{ key, operator, ...(values === undefined ? {} : { values }) }];
}

function missing(check: Check, path: FieldPath, field: string, help: string): void {
  addError(check, [...path, field], {
    code: "missing-field",
    message: `${pathInWords([...path, field])} is missing.`,
    help,
  });
}

function readOperator(
  check: Check,
  value: unknown,
  path: FieldPath,
): LabelSelectorRequirement["operator"] | undefined {
  if (isAbsent(value)) {
    missing(check, path, "operator", `Say how the label is compared: ${OPERATORS.join(", ")}.`);
    return undefined;
  }
  const text = readText(check, value, [...path, "operator"]);
  const operator = OPERATORS.find((known) => known === text);
  if (text !== undefined && operator === undefined) {
    addError(check, [...path, "operator"], {
      code: "unknown-operator",
      message: `${inWords(text)} is no operator; there are ${OPERATORS.join(", ")}.`,
      help: didYouMean(text, OPERATORS),
      fix: nearestFix(check, [...path, "operator"], text, OPERATORS),
    });
  }
  return operator;
}

function readValues(check: Check, value: unknown, path: FieldPath): readonly string[] | undefined {
  const list = readList(check, value, path, (v) => `Write a list: values: [${String(v)}].`);
  return list?.flatMap((item, index) => {
    if (item === null) wrongType(check, item, [...path, index], "text", 'Write "" for the empty text.');
    const text = readText(check, item, [...path, index]);
    if (text === undefined) return [];
    checkLabelValue(check, text, [...path, index]);
    return [text];
  });
}

function checkValues(
  check: Check,
  operator: LabelSelectorRequirement["operator"],
  values: readonly unknown[],
  path: FieldPath,
): void {
  const wantsValues = operator === "In" || operator === "NotIn";
  if (wantsValues === values.length > 0) return;
  addError(check, [...path, "values"], {
    code: "operator-values",
    message: wantsValues
      ? `Operator ${operator} needs at least one value.`
      : `Operator ${operator} takes no values.`,
    help: wantsValues
      ? `Add values: [...], or use ${operator === "In" ? "Exists" : "DoesNotExist"} if any value will do.`
      : `Remove values, or use ${operator === "Exists" ? "In" : "NotIn"}.`,
  });
}
