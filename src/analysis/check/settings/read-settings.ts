import {
  addError,
  addWarning,
  type Check,
  isAbsent,
  newCheck,
  readList,
  readMapping,
  readText,
} from "../../../k8s/check.ts";
import { checkFields, type FieldSet } from "../../../k8s/fields.ts";
import type { Finding, Severity } from "../../../k8s/finding.ts";
import type { FieldPath } from "../../../k8s/location.ts";
import { didYouMean } from "../../../k8s/suggest.ts";
import { readDocuments } from "../../../k8s/text-documents.ts";
import { filePattern, namePattern } from "./file-pattern.ts";
import { isKnownCode, KNOWN_CODES } from "./known-codes.ts";
import { type CheckSettings, type Ignore, type Level, NO_SETTINGS } from "./settings.ts";

const SEVERITIES: readonly Severity[] = ["error", "warning", "info"];

const FILE: FieldSet = { name: "the settings", fields: ["check"] };
const CHECK: FieldSet = { name: "check", fields: ["failOn", "levels", "ignore"] };
const IGNORE: FieldSet = {
  name: "an entry of ignore",
  fields: ["code", "codes", "object", "file", "reason"],
};

/** The settings in the text of a `podwall.yaml`, and what is wrong with it. With errors, nothing of it is used. */
export function readSettings(
  file: string,
  text: string,
): { readonly settings: CheckSettings; readonly findings: readonly Finding[] } {
  const findings: Finding[] = [];
  let settings = NO_SETTINGS;
  let documents = 0;
  const ofText = readDocuments(file, text, ({ value, origin }) => {
    const check = newCheck(origin, "podwall.yaml");
    if (++documents > 1) {
      addError(check, [], {
        code: "wrong-type",
        message: "The settings are one document; here begins another.",
        help: "Put everything below one check: field.",
      });
    } else {
      settings = settingsOf(check, value);
    }
    findings.push(...check.findings);
  });
  const all = [...ofText, ...findings];
  return {
    settings: all.some(({ severity }) => severity === "error") ? NO_SETTINGS : settings,
    findings: all,
  };
}

function settingsOf(check: Check, value: unknown): CheckSettings {
  const root = readMapping(check, value, []);
  if (root === undefined) return NO_SETTINGS;
  checkFields(check, root, [], FILE);
  const settings = readMapping(check, root.check, ["check"]);
  if (settings === undefined) return NO_SETTINGS;
  checkFields(check, settings, ["check"], CHECK);
  const failOn = readChoice(check, settings.failOn, ["check", "failOn"], [...SEVERITIES, "never"]);
  return {
    ...(failOn === undefined ? {} : { failOn }),
    levels: readLevels(check, settings.levels),
    ignores: (readList(check, settings.ignore, ["check", "ignore"]) ?? []).flatMap(
      (item, index) => readIgnore(check, item, ["check", "ignore", index]) ?? [],
    ),
  };
}

function readLevels(check: Check, value: unknown): Map<string, Level> {
  const path = ["check", "levels"];
  const levels = new Map<string, Level>();
  for (const [code, written] of Object.entries(readMapping(check, value, path) ?? {})) {
    warnOfUnknown(check, code, [...path, code], "key");
    // `off` without quotes is how YAML writes false.
    const level =
      written === false ? "off" : readChoice(check, written, [...path, code], [...SEVERITIES, "off"]);
    if (level !== undefined) levels.set(code, level);
  }
  return levels;
}

function readChoice<T extends string>(
  check: Check,
  value: unknown,
  path: FieldPath,
  choices: readonly T[],
): T | undefined {
  const text = readText(check, value, path);
  if (text === undefined || choices.includes(text as T)) return text as T | undefined;
  addError(check, path, {
    code: "unknown-value",
    message: `${JSON.stringify(text)} is none of ${choices.join(", ")}.`,
    help: didYouMean(text, choices) ?? `Write one of ${choices.join(", ")}.`,
  });
  return undefined;
}

function readIgnore(check: Check, value: unknown, path: FieldPath): Ignore | undefined {
  const entry = readMapping(check, value, path);
  if (entry === undefined) return undefined;
  checkFields(check, entry, path, IGNORE);
  const codes = [
    ...(isAbsent(entry.code) ? [] : [readText(check, entry.code, [...path, "code"])]),
    ...(readList(check, entry.codes, [...path, "codes"]) ?? []).map((code, index) =>
      readText(check, code, [...path, "codes", index]),
    ),
  ].filter((code) => code !== undefined);
  for (const code of codes)
    warnOfUnknown(check, code, [...path, isAbsent(entry.code) ? "codes" : "code"], "value");
  const object = readText(check, entry.object, [...path, "object"]);
  const file = readText(check, entry.file, [...path, "file"]);
  const reason = readText(check, entry.reason, [...path, "reason"])?.trim() ?? "";
  const isObject = object === undefined ? undefined : namePattern(object);
  const isFile = file === undefined ? undefined : filePattern(file);
  return {
    codes,
    reason,
    position: check.origin.position(path),
    beside: false,
    covers: (finding) =>
      (isObject === undefined || (finding.object !== undefined && isObject(finding.object))) &&
      (isFile === undefined || isFile(finding.position.file)),
  };
}

function warnOfUnknown(check: Check, code: string, path: FieldPath, part: "key" | "value"): void {
  if (isKnownCode(code)) return;
  addWarning(check, path, {
    code: "unknown-value",
    message: `${JSON.stringify(code)} is no kind of finding.`,
    help: didYouMean(code, KNOWN_CODES) ?? "`podwall check --explain` lists all of them.",
    part,
  });
}
