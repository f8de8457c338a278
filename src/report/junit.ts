/** A group of cases, such as those of one file. */
export interface JunitSuite {
  readonly name: string;
  readonly cases: readonly JunitCase[];
  /** When it began, in ISO 8601; left out where it does not matter. */
  readonly timestamp?: string;
  readonly seconds?: number;
}

/** One case. With neither failure, error nor skipped it passed. */
export interface JunitCase {
  readonly name: string;
  /** Groups cases in the views of CI systems, such as the name of the file or the kind of check. */
  readonly classname: string;
  /** The file it is about, relative to where the run began; GitLab links to it. */
  readonly file?: string;
  readonly seconds?: number;
  /** It is not as it should be. */
  readonly failure?: JunitProblem;
  /** It could not be told. */
  readonly error?: JunitProblem;
  /** Why it was left out. */
  readonly skipped?: string;
}

export interface JunitProblem {
  /** One line. */
  readonly message: string;
  /** What kind of problem it is, such as a code. */
  readonly type: string;
  /** All that there is to say. */
  readonly text: string;
}

/**
 * A JUnit report, as Jenkins, GitLab and others read it: `testsuites`, `testsuite`, `testcase` with `failure`, `error`
 * or `skipped`. Equal suites give equal text. Characters that XML cannot hold, such as those that colour a terminal,
 * come out as U+FFFD.
 */
export function junitText(suites: readonly JunitSuite[]): string {
  const all = suites.flatMap(({ cases }) => cases);
  const lines = ['<?xml version="1.0" encoding="UTF-8"?>'];
  lines.push(
    `<testsuites${attributes({ name: "podwall", ...counts(all), time: total(suites.map(suiteSeconds)) })}>`,
  );
  for (const suite of suites) lines.push(...suiteLines(suite));
  lines.push("</testsuites>", "");
  return lines.join("\n");
}

function suiteLines(suite: JunitSuite): string[] {
  const { name, cases, timestamp } = suite;
  const time = suiteSeconds(suite);
  const skipped = cases.filter((each) => each.skipped !== undefined).length;
  return [
    `  <testsuite${attributes({ name, ...counts(cases), skipped, time, timestamp })}>`,
    ...cases.flatMap(caseLines),
    "  </testsuite>",
  ];
}

function caseLines({ name, classname, file, seconds, failure, error, skipped }: JunitCase): string[] {
  const open = `    <testcase${attributes({ name, classname, file, time: seconds ?? 0 })}`;
  const inside = [
    ...(failure === undefined ? [] : [problemLine("failure", failure)]),
    ...(error === undefined ? [] : [problemLine("error", error)]),
    ...(skipped === undefined ? [] : [`      <skipped${attributes({ message: skipped })}/>`]),
  ];
  return inside.length === 0 ? [`${open}/>`] : [`${open}>`, ...inside, "    </testcase>"];
}

function problemLine(element: "failure" | "error", { message, type, text }: JunitProblem): string {
  return `      <${element}${attributes({ message, type })}>${escapeText(text)}</${element}>`;
}

function counts(cases: readonly JunitCase[]): { tests: number; failures: number; errors: number } {
  return {
    tests: cases.length,
    failures: cases.filter(({ failure }) => failure !== undefined).length,
    errors: cases.filter(({ error }) => error !== undefined).length,
  };
}

function suiteSeconds({ cases, seconds }: JunitSuite): number {
  return seconds ?? total(cases.map((each) => each.seconds ?? 0));
}

function total(numbers: readonly number[]): number {
  return numbers.reduce((sum, each) => sum + each, 0);
}

/** Attributes in the order given, without those that have no value. */
function attributes(values: Readonly<Record<string, string | number | undefined>>): string {
  let text = "";
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined) continue;
    const written = name === "time" ? Number(value).toFixed(3) : String(value);
    text += ` ${name}="${escapeAttribute(written)}"`;
  }
  return text;
}

/** Everything that XML 1.0 does not allow in a document, also as a reference: lone surrogates are such, too. */
const NOT_XML =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones to be found
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

function escapeText(text: string): string {
  return text
    .replace(NOT_XML, "\ufffd")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll("\r", "&#13;");
}

/** Line breaks and tabs in attributes must be references: a parser turns them into spaces otherwise. */
function escapeAttribute(text: string): string {
  return escapeText(text).replaceAll('"', "&quot;").replaceAll("\n", "&#10;").replaceAll("\t", "&#9;");
}
