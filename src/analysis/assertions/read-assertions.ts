import {
  addError,
  addWarning,
  type Check,
  inWords,
  isAbsent,
  isMapping,
  newCheck,
  readList,
  readMapping,
  readText,
  readTextField,
  wrongType,
} from "../../k8s/check.ts";
import { checkFields, type FieldSet } from "../../k8s/fields.ts";
import type { InputFinding } from "../../k8s/finding-codes.ts";
import type { FieldPath } from "../../k8s/location.ts";
import { didYouMean } from "../../k8s/suggest.ts";
import { readDocuments, type TextDocument } from "../../k8s/text-documents.ts";
import { UNREADABLE } from "../../k8s/text-problem.ts";
import type { Family } from "../../net/address.ts";
import type { Assertion, AssertionFile, EndSpec, PortSpec } from "./assertion.ts";
import { type ReadEnds, readEnds } from "./read-ends.ts";
import { readPorts, readPortText } from "./read-ports.ts";

const FILE: FieldSet = {
  name: "A file of assertions",
  fields: ["cases", "manifests"],
  elsewhere: {
    kind: "This is no Kubernetes object; manifests go into files of another name than *.podwall.yaml.",
    apiVersion: "This is no Kubernetes object; manifests go into files of another name than *.podwall.yaml.",
    from: "Put a dash before it, below cases.",
    to: "Put it into a case, below cases.",
  },
};

const CASE: FieldSet = {
  name: "A case",
  fields: ["name", "from", "to", "expect", "port", "ports", "family"],
  elsewhere: { protocol: "Write it behind the port: port: 53/UDP." },
};

const EXPECTATIONS = ["allow", "deny"] as const;

/** Assertions, and what is wrong or doubtful about their text. With an error, none of them may be used. */
export interface ReadAssertions {
  readonly assertions: AssertionFile;
  readonly findings: readonly InputFinding[];
}

/** Reads a `*.podwall.yaml` file. `text` may be bytes in UTF-8. Never throws for what is wrong with it. */
export function readAssertions(file: string, text: string | Uint8Array): ReadAssertions {
  const documents: TextDocument[] = [];
  const findings: InputFinding[] = [...readDocuments(file, text, (document) => documents.push(document))];
  const [document, second] = documents;
  const nothing: AssertionFile = { file, assertions: [] };
  if (document === undefined) {
    if (findings.length === 0) {
      findings.push({
        code: "missing-field",
        severity: "error",
        position: { file, line: 1, column: 1 },
        message: "The file holds no cases, so it asserts nothing.",
        help: "Begin with cases:, or let podwall test --init write a first file.",
      });
    }
    return { assertions: nothing, findings };
  }
  const check = newCheck(document.origin, "");
  if (second !== undefined) {
    addErrorAt(newCheck(second.origin, ""), findings, {
      code: "duplicate-object",
      message: "A second document begins here; a file of assertions is one.",
      help: "Put all cases under one cases:.",
    });
  }
  const read = readFile(check, document.value, file);
  // Nothing of Kubernetes is meant by it, so that there is no object to name.
  findings.push(...check.findings.map(({ object: _none, ...finding }) => finding));
  return { assertions: read ?? nothing, findings };
}

function addErrorAt(check: Check, findings: InputFinding[], fault: Parameters<typeof addError>[2]): void {
  addError(check, [], fault);
  findings.push(...check.findings.map(({ object: _none, ...finding }) => finding));
}

function readFile(check: Check, value: unknown, file: string): AssertionFile | undefined {
  if (!isMapping(value)) {
    if (isAbsent(value)) missing(check, [], "cases", "Begin with cases:.");
    else if (value !== UNREADABLE) {
      addError(check, [], {
        code: "wrong-type",
        message: `A file of assertions is a mapping with cases, not ${inWords(value)}.`,
        help: "Begin with cases:, and put the cases below it.",
      });
    }
    return undefined;
  }
  const map = value;
  checkFields(check, map, [], FILE);
  const manifests = readManifests(check, map.manifests);
  const cases = readList(check, map.cases, ["cases"], () => "Put a dash before each case.");
  if (isAbsent(map.cases)) missing(check, [], "cases", "Add cases: with at least one case.");
  if (cases?.length === 0) {
    addError(check, ["cases"], {
      code: "empty-list",
      message: "cases is empty, so the file asserts nothing.",
      help: "Add a case, or let podwall test --init write a first file.",
    });
  }
  const assertions = (cases ?? []).flatMap((item, index) => readCase(check, item, ["cases", index]) ?? []);
  warnOfSameNames(check, cases ?? []);
  return { file, ...(manifests === undefined ? {} : { manifests }), assertions };
}

function readManifests(check: Check, value: unknown): readonly string[] | undefined {
  const list = readList(check, value, ["manifests"], (each) => `Write a list: manifests: [${String(each)}].`);
  if (list === undefined) return undefined;
  if (list.length === 0) {
    addError(check, ["manifests"], {
      code: "empty-list",
      message: "manifests is empty, so there is nothing that the cases could be about.",
      help: "Name files or folders relative to this file, or leave manifests out: then it is the folder of this file.",
    });
  }
  return list.flatMap((item, index) => {
    if (isAbsent(item) || item === "") wrongType(check, item, ["manifests", index], "a file or folder");
    const text = readText(check, item, ["manifests", index]);
    return text === undefined ? [] : [text];
  });
}

function missing(check: Check, path: FieldPath, field: string, help: string): void {
  addError(check, [...path, field], {
    code: "missing-field",
    message: path.length === 0 ? `The file has no ${field}.` : `The case has no ${field}.`,
    help,
  });
}

function readCase(check: Check, value: unknown, path: FieldPath): Assertion | undefined {
  const map = readMapping(check, value, path, () => "Write {from: ..., to: ..., expect: allow}.");
  if (map === undefined) {
    if (isAbsent(value)) wrongType(check, value, path, "a case");
    return undefined;
  }
  checkFields(check, map, path, CASE);
  const name = readTextField(check, map, path, "name");
  if (name?.trim() === "") {
    const message = "The name of this case is empty.";
    addError(check, [...path, "name"], {
      code: "missing-field",
      message,
      help: "Leave name out, or write one.",
    });
  }
  const [from, to] = (["from", "to"] as const).map((side) => {
    if (!isAbsent(map[side])) return readEnds(check, map[side], [...path, side], side);
    missing(check, path, side, `Say who is meant: ${side}: shop/db.`);
    return undefined;
  });
  const expect = readExpectation(check, map.expect, path);
  const family = readFamily(check, map.family, [...path, "family"]);
  const ports = portsOf(check, map, path, to);
  if (from === undefined || to === undefined || expect === undefined) return undefined;
  return {
    name: name ?? titleOf(from.ends, to.ends, expect, ports, family),
    from: from.ends,
    to: to.ends,
    expect,
    ...(ports === undefined ? {} : { ports }),
    ...(family === undefined ? {} : { family }),
    origin: check.origin,
    path,
  };
}

function portsOf(
  check: Check,
  map: Readonly<Record<string, unknown>>,
  path: FieldPath,
  to: ReadEnds | undefined,
): readonly PortSpec[] | undefined {
  const ports = readPorts(check, map, path);
  if (to?.port === undefined) return ports;
  const field = ["port", "ports"].find((name) => !isAbsent(map[name]));
  if (field !== undefined) {
    addError(check, [...path, field], {
      code: "one-of",
      message: `The port stands behind to already (:${to.port.text}).`,
      help: `Leave out one of the two.`,
      part: "key",
    });
    return undefined;
  }
  return readPortText(check, to.port.text, to.port.path);
}

function readExpectation(check: Check, value: unknown, path: FieldPath): "allow" | "deny" | undefined {
  if (isAbsent(value)) {
    missing(check, path, "expect", "Write expect: allow, or expect: deny.");
    return undefined;
  }
  const text = readText(check, value, [...path, "expect"]);
  const expect = EXPECTATIONS.find((known) => known === text);
  if (text !== undefined && expect === undefined) {
    addError(check, [...path, "expect"], {
      code: "unknown-value",
      message: `${inWords(text)} cannot be expected; there are allow and deny.`,
      help: didYouMean(text, EXPECTATIONS) ?? "Write expect: allow, or expect: deny.",
    });
  }
  return expect;
}

function readFamily(check: Check, value: unknown, path: FieldPath): Family | undefined {
  if (isAbsent(value)) return undefined;
  if (value === 4 || value === 6) return value;
  if (typeof value === "symbol") {
    check.errors++;
    return undefined;
  }
  addError(check, path, {
    code: "unknown-value",
    message: `${inWords(value)} is no family of addresses; there are 4 and 6.`,
    help: "Write family: 4 or family: 6, or leave it out: then every family must hold.",
  });
  return undefined;
}

/** What a case asserts, for one that has no name. */
function titleOf(
  from: readonly EndSpec[],
  to: readonly EndSpec[],
  expect: "allow" | "deny",
  ports: readonly PortSpec[] | undefined,
  family: Family | undefined,
): string {
  const list = (ends: readonly EndSpec[]): string => {
    const texts = ends.slice(0, 3).map((end) => end.text);
    return `${texts.join(", ")}${ends.length > 3 ? ` and ${ends.length - 3} more` : ""}`;
  };
  return [
    list(from),
    expect === "allow" ? "may reach" : "may not reach",
    list(to),
    ...(ports === undefined ? [] : [`on ${ports.map(({ text }) => text).join(", ")}`]),
    ...(family === undefined ? [] : [`over IPv${family}`]),
  ].join(" ");
}

/** Two cases of one name cannot be told apart in a report. */
function warnOfSameNames(check: Check, cases: readonly unknown[]): void {
  const first = new Map<string, number>();
  for (const [index, value] of cases.entries()) {
    const name = (value as { name?: unknown } | null)?.name;
    if (typeof name !== "string") continue;
    const before = first.get(name);
    if (before === undefined) {
      first.set(name, index);
      continue;
    }
    addWarning(check, ["cases", index, "name"], {
      code: "duplicate-item",
      message: `Case ${before + 1} has this name, too: ${inWords(name)}.`,
      help: "Give each its own, so that a report tells which one failed.",
    });
  }
}
