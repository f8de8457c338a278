import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { CHECKS } from "../../src/analysis/check/checks.ts";
import { CHECK_CODES } from "../../src/analysis/check/codes.ts";
import { EFFECT_CODES } from "../../src/analysis/check/effect/codes.ts";
import { HYGIENE_CODES } from "../../src/analysis/check/hygiene/codes.ts";
import { MEANING_CODES } from "../../src/analysis/check/meaning/codes.ts";
import { OPENNESS_CODES } from "../../src/analysis/check/openness/codes.ts";
import { SETTINGS_CODES } from "../../src/analysis/check/settings/codes.ts";
import { KNOWN_CODES } from "../../src/analysis/check/settings/known-codes.ts";
import { TRAFFIC_CODES } from "../../src/analysis/check/traffic/codes.ts";
import { FINDING_CODES } from "../../src/k8s/finding-codes.ts";

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

describe("docs/checks/README.md", () => {
  // Written anew by `npx vitest run test/architecture --update`.
  it("lists every kind of finding", async () => {
    await expect(indexPage()).toMatchFileSnapshot(join(FOLDER, "README.md"));
  });
});

const GROUPS = {
  "Means something else than it looks": MEANING_CODES,
  "Ports, addresses and the other side": TRAFFIC_CODES,
  "Does nothing": EFFECT_CODES,
  "Too open": OPENNESS_CODES,
  Hygiene: HYGIENE_CODES,
  "About what is to be ignored": SETTINGS_CODES,
};

function indexPage(): string {
  const named = (code: string): string =>
    pages.includes(`${code}.md`) ? `[${code}](${code}.md)` : `\`${code}\``;
  const groups = Object.entries(GROUPS).flatMap(([title, codes]) => [
    `## ${title}`,
    "",
    "| Code | | |",
    "|---|---|---|",
    ...Object.entries(codes)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([code, { severity, summary }]) => `| ${named(code)} | ${severity} | ${summary} |`),
    "",
  ]);
  return [
    "# What `podwall check` finds",
    "",
    "Every finding has a code, a severity, a place and a sentence that says what it means for traffic. An *error* surely does",
    "not do what it says, or the API server refuses it; a *warning* is probably not as it was meant; an *info* is worth",
    "knowing, and may well be meant. The severity that is given here is the usual one: some findings are milder where",
    "the input speaks for them.",
    "",
    ...groups,
    "## What cannot be read, or what the API server refuses",
    "",
    "| Code | |",
    "|---|---|",
    ...Object.entries(FINDING_CODES).map(([code, summary]) => `| ${named(code)} | ${summary} |`),
    "",
  ].join("\n");
}

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
