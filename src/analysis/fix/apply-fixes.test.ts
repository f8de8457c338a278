import { describe, expect, it } from "vitest";
import type { Finding } from "../../k8s/finding.ts";
import type { FieldEdit } from "../../k8s/fix.ts";
import { applyFixes } from "./apply-fixes.ts";

function finding(code: string, safe: boolean, ...edits: readonly FieldEdit[]): Finding {
  const position = { file: "a", line: 1, column: 1 };
  return { code, severity: "warning", position, message: "", fix: { title: code, safe, edits } };
}

function set(file: string, line: number, column: number, value: string): FieldEdit {
  return { kind: "set-value", at: { file, line, column }, value };
}

const FILES = [
  { file: "a", text: "x: 1\nz: 2\n" },
  { file: "b", text: "x: 1\n" },
  { file: "c", text: "x: 1\n" },
];

describe("applyFixes", () => {
  const safe = finding("safe-one", true, set("a", 1, 4, "safe"));
  const unsafe = finding("unsafe-one", false, set("a", 2, 4, "unsafe"));
  const { fix: _none, ...without } = safe;

  it.each([
    ["safe", [safe], "x: safe\nz: 2\n"],
    ["all", [safe, unsafe], "x: safe\nz: unsafe\n"],
    [["unsafe-one"], [unsafe], "x: 1\nz: unsafe\n"],
  ] as const)("applies those that are asked for: %j", (which, applied, text) => {
    expect(applyFixes(FILES, [safe, unsafe, without], which)).toEqual({
      files: [{ file: "a", text }],
      applied,
      refused: [],
    });
  });

  it("applies a fix in all of its files", () => {
    const both = finding("both", true, set("a", 1, 4, "n"), set("b", 1, 4, "m"));
    expect(applyFixes(FILES, [both], "safe").files).toEqual([
      { file: "a", text: 'x: "n"\nz: 2\n' },
      { file: "b", text: "x: m\n" },
    ]);
  });

  it("applies a fix in none of its files if one of them does not let it", () => {
    const half = finding("half", true, set("a", 1, 4, "m"), set("c", 1, 2, "m"), set("b", 1, 4, "m"));
    const result = applyFixes(FILES, [half, unsafe], "all");
    expect(result.files).toEqual([{ file: "a", text: "x: 1\nz: unsafe\n" }]);
    expect(result.applied).toEqual([unsafe]);
    expect(result.refused).toEqual([{ finding: half, why: expect.stringContaining("begins at this place") }]);
  });

  it("applies a fix that only stood against one that is not applied after all", () => {
    const half = finding("half", true, set("a", 1, 4, "m"), set("c", 1, 2, "m"));
    const other = finding("other", true, set("a", 1, 4, "k"));
    const result = applyFixes(FILES, [half, other], "safe");
    expect(result.files).toEqual([{ file: "a", text: "x: k\nz: 2\n" }]);
    expect(result.applied).toEqual([other]);
  });

  it("refuses a fix of a file that it was not given", () => {
    const elsewhere = finding("elsewhere", true, set("cluster", 1, 4, "m"));
    expect(applyFixes(FILES, [elsewhere], "safe")).toEqual({
      files: [],
      applied: [],
      refused: [{ finding: elsewhere, why: "cluster is not among the files that are fixed." }],
    });
  });
});
