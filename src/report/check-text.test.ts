import { describe, expect, it } from "vitest";
import type { Finding } from "../k8s/finding.ts";
import { type CheckReport, checkText } from "./check-text.ts";
import { sourceLines } from "./source-lines.ts";
import { colourStyle, plainStyle } from "./style.ts";

const TEXT = "spec:\n  ingress:\n\t- from: x\n  - to: y\n";
const finding = (line: number, column: number, more: Partial<Finding> = {}): Finding => ({
  code: "or-instead-of-and",
  severity: "warning",
  position: { file: "a.yaml", line, column },
  message: "Something is wrong.",
  ...more,
});

const report = (findings: readonly Finding[], more: Partial<CheckReport> = {}): CheckReport => ({
  findings,
  ignored: [],
  input: { files: 1, policies: 1, pods: 0 },
  ...more,
});

const textOf = (value: CheckReport, text: string | Uint8Array = TEXT): string =>
  checkText(value, sourceLines([{ file: "a.yaml", text }]), plainStyle);

describe("checkText", () => {
  it("shows the lines that a finding is about, and marks the place", () => {
    const related = [
      { position: { file: "a.yaml", line: 4, column: 5 }, message: "this dash" },
      { position: { file: "b.yaml", line: 9, column: 1 }, message: "and that" },
    ];
    const fix = { title: "remove the dash", safe: false, edits: [] };
    expect(textOf(report([finding(2, 3, { related, fix, help: "Remove it." })]))).toBe(
      [
        "a.yaml:2:3  warning  or-instead-of-and",
        "  Something is wrong.",
        "  Remove it.",
        "       2 |   ingress:",
        "         |   ^",
        "       4 |   - to: y   <- this dash",
        "    b.yaml:9: and that",
        "    remove the dash: podwall check --fix=or-instead-of-and    more: podwall check --explain or-instead-of-and",
        "",
        "1 warning in 1 file, 1 policy, 0 pods",
        "",
      ].join("\n"),
    );
  });

  it("keeps the mark below its place behind tabs, and tells the way on once for each code", () => {
    const text = textOf(report([finding(3, 4), finding(4, 3)]));
    expect(text).toContain("       3 | \t- from: x\n         | \t  ^\n");
    expect(text.match(/--explain/g)).toHaveLength(1);
  });

  it("cuts long lines around the place, and shows no control characters", () => {
    const long = `${"x".repeat(500)}\u001b[31mHERE${"y".repeat(500)}`;
    const text = textOf(report([finding(1, 506)]), long);
    const lines = text.split("\n");
    const shown = lines.find((line) => line.includes("HERE"))!;
    expect(shown.length).toBeLessThan(130);
    expect(shown).toContain("?[31m");
    expect(shown.indexOf("HERE")).toBe(lines[lines.indexOf(shown) + 1]!.indexOf("^"));
  });

  it("reads bytes as it does text, and leaves out what has no text", () => {
    const bytes = new TextEncoder().encode(TEXT.replace("x", "é"));
    expect(textOf(report([finding(3, 4)]), bytes)).toContain("\t- from: é\n");
    const live = finding(0, 0, { position: { file: "context prod", line: 0, column: 0 } });
    expect(textOf(report([live]))).not.toContain("|");
  });

  it("sums up, also when there is nothing", () => {
    const safe = { title: "quote it", safe: true, edits: [] };
    const some = [
      finding(1, 1, { fix: safe }),
      finding(2, 1, { severity: "error" }),
      finding(3, 1, { severity: "info" }),
    ];
    const ignore = { codes: [], reason: "x", position: some[0]!.position, beside: true, covers: () => true };
    const ignored = [{ finding: some[0]!, ignore }];
    expect(textOf(report(some, { ignored }))).toMatch(
      /\n1 error, 1 warning and 1 info in 1 file, 1 policy, 0 pods, 1 ignored\n1 finding can be mended safely: podwall check --fix\n$/,
    );
    expect(textOf(report([], { input: { files: 0, policies: 2, pods: 1 } }))).toBe(
      "nothing found in 2 policies, 1 pod\n",
    );
    expect(checkText(report(some), sourceLines([]), colourStyle)).toContain("\u001b[");
  });
});
