import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { CHECKS } from "../../src/analysis/check/checks.ts";
import { CHECK_CODES } from "../../src/analysis/check/codes.ts";
import { KNOWN_CODES } from "../../src/analysis/check/settings/known-codes.ts";

const FOLDER = join(import.meta.dirname, "../../docs/checks");
const pages = readdirSync(FOLDER).filter((name) => name.endsWith(".md") && name !== "README.md");
const SECTIONS = ["## What", "## Why it matters", "## Example", "## Fix"];

describe("docs/checks", () => {
  it.each(Object.entries(CHECK_CODES))(
    "tells what %s is, why it matters, and how to mend it",
    (code, entry) => {
      const lines = readFileSync(join(FOLDER, `${code}.md`), "utf8").split("\n");
      expect(lines.slice(0, 3)).toEqual([`# ${code}`, "", entry.summary]);
      expect(lines.filter((line) => line.startsWith("## ") && SECTIONS.includes(line))).toEqual(SECTIONS);
    },
  );

  it("has no page without a code", () => {
    const codes = pages.map((name) => name.replace(/\.md$/, ""));
    expect(codes.filter((code) => !KNOWN_CODES.includes(code))).toEqual([]);
  });
});

describe("checks", () => {
  it("report every code, each from one place", () => {
    const reported = CHECKS.flatMap(({ codes }) => codes);
    expect([...reported].sort()).toEqual(Object.keys(CHECK_CODES).sort());
  });

  it("have a test of their own", () => {
    const room = join(import.meta.dirname, "../../src/analysis/check");
    const tests = readdirSync(room, { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".test.ts"))
      .map((file) => readFileSync(join(room, file), "utf8"));
    const untested = Object.keys(CHECK_CODES).filter((code) => !tests.some((text) => text.includes(code)));
    expect(untested).toEqual([]);
  });
});
