import type { Finding } from "../k8s/finding.ts";
import { formatPosition } from "../k8s/location.ts";
import type { CheckReport } from "./check-text.ts";
import { type JunitCase, type JunitSuite, junitText } from "./junit.ts";

/**
 * Findings as a JUnit report: a suite for each file, a case for each finding. Those that make the check fail are
 * failures; the others, and those that are ignored, are skipped cases with what there is to say. A file without findings
 * is a case that passed. `files` are all that were looked at.
 */
export function checkJunit(
  { findings, ignored }: CheckReport,
  files: readonly string[],
  fails: (finding: Finding) => boolean,
): string {
  const cases = new Map<string, JunitCase[]>(files.map((file) => [file, []]));
  const add = (finding: Finding, more: Pick<JunitCase, "failure" | "skipped">): void => {
    const { file } = finding.position;
    const list = cases.get(file) ?? [];
    list.push({ ...caseOf(finding), ...more });
    cases.set(file, list);
  };
  for (const finding of findings) {
    const { code, severity } = finding;
    if (fails(finding)) {
      add(finding, { failure: { message: finding.message, type: code, text: textOf(finding) } });
    } else {
      add(finding, { skipped: `${severity}: ${textOf(finding)}` });
    }
  }
  for (const { finding, ignore } of ignored) {
    add(finding, { skipped: `ignored (${formatPosition(ignore.position)}): ${ignore.reason}` });
  }
  const suites = [...cases].map(
    ([file, list]): JunitSuite => ({
      name: file,
      cases: list.length > 0 ? list : [{ name: "nothing found", classname: file, file }],
    }),
  );
  return junitText(suites);
}

function caseOf({ code, object, position }: Finding): JunitCase {
  const { file, line } = position;
  const about = object === undefined ? code : `${code}: ${object}`;
  return { name: line === 0 ? about : `${about} (line ${line})`, classname: code, file };
}

function textOf({ position, object, message, help }: Finding): string {
  const text = object === undefined ? message : `${object}: ${message}`;
  return [`${formatPosition(position)}: ${text}`, ...(help === undefined ? [] : [help])].join("\n");
}
