import { describe, expect, it } from "vitest";
import type { Finding, RelatedPlace } from "../../../k8s/finding.ts";
import type { Fix } from "../../../k8s/fix.ts";
import { checkInputOf } from "../check.fixture.ts";
import { applySettings } from "./apply-settings.ts";
import { filePattern, namePattern } from "./file-pattern.ts";
import { ignoreAnnotations } from "./ignore-annotations.ts";
import { ignoreComments } from "./ignore-comments.ts";
import { readSettings } from "./read-settings.ts";
import { NO_SETTINGS } from "./settings.ts";

function findingAt(line: number, more: Partial<Finding> = {}): Finding {
  return {
    code: "or-instead-of-and",
    severity: "warning",
    position: { file: "deploy/a.yaml", line, column: 3 },
    object: "NetworkPolicy shop/db",
    message: "What is wrong.",
    ...more,
  };
}

const told = (findings: readonly Finding[]): string[] =>
  findings.map(({ position, severity, code }) => `${position.line}:${position.column} ${severity} ${code}`);

describe("settings of podwall.yaml", () => {
  const TEXT = `check:
  failOn: error
  levels:
    or-instead-of-and: info
    cidr-not-canonical: off
  ignore:
  - code: or-instead-of-and
    object: NetworkPolicy shop/*
    file: deploy/**
    reason: both are meant
`;

  it("set levels and ignore what is meant to be", () => {
    const { settings, findings } = readSettings("podwall.yaml", TEXT);
    expect(findings).toEqual([]);
    expect(settings.failOn).toBe("error");
    const judged = applySettings(
      [
        findingAt(1),
        findingAt(2, { object: "NetworkPolicy other/db" }),
        findingAt(3, { position: { file: "old/a.yaml", line: 3, column: 1 } }),
        findingAt(4, { code: "cidr-not-canonical" }),
      ],
      settings,
    );
    expect(told(judged.findings)).toEqual(["2:3 info or-instead-of-and", "3:1 info or-instead-of-and"]);
    expect(judged.ignored.map(({ finding, ignore }) => [finding.position.line, ignore.reason])).toEqual([
      [1, "both are meant"],
    ]);
  });

  it("never take out what makes an object invalid", () => {
    const text = `check: {levels: {bad-cidr: off}, ignore: [{code: bad-cidr, reason: no}]}`;
    const { settings } = readSettings("podwall.yaml", text);
    const invalid = findingAt(1, { code: "bad-cidr", severity: "error" });
    expect(applySettings([invalid], settings)).toEqual({ findings: [invalid], ignored: [] });
  });

  it("never take out that something may not be read", () => {
    const { settings } = readSettings("podwall.yaml", "check: {levels: {forbidden: off}}");
    const forbidden = findingAt(0, { code: "forbidden", severity: "error" });
    expect(applySettings([forbidden], settings).findings).toEqual([forbidden]);
  });

  it.each([
    ["check: {level: {}}", ["1:9 error unknown-field"]],
    ["check: {failOn: warnings}", ["1:17 error unknown-value"]],
    ["check: {levels: {or-instead-of-an: off}}", ["1:18 warning unknown-value"]],
    ["check: {levels: {or-instead-of-and: loud}}", ["1:37 error unknown-value"]],
    ["check: {ignore: [{code: or-insted-of-and, reason: x}]}", ["1:25 warning unknown-value"]],
    ["check: {ignore: {code: a}}", ["1:17 error wrong-type"]],
    ["check: {}\n---\ncheck: {}", ["3:1 error wrong-type"]],
    ["check: [", ["1:8 error yaml-syntax"]],
  ])("%s: tells what is wrong", (text, expected) => {
    const { settings, findings } = readSettings("podwall.yaml", text);
    expect(told(findings)).toEqual(expected);
    if (expected[0]!.includes("error")) expect(settings).toBe(NO_SETTINGS);
  });

  it("want a reason", () => {
    const { settings } = readSettings("podwall.yaml", "check: {ignore: [{code: or-instead-of-and}]}");
    expect(told(applySettings([findingAt(1)], settings).findings)).toEqual([
      "1:3 warning or-instead-of-and",
      "1:18 warning ignore-without-reason",
    ]);
  });
});

describe("comments beside what they are about", () => {
  const judge = (text: string, ...findings: readonly Finding[]): string[] => {
    const ignores = ignoreComments("deploy/a.yaml", text);
    return told(applySettings(findings, { ...NO_SETTINGS, ignores }).findings);
  };

  it("are about their line, or the next", () => {
    const text = "kind: A\nx:\n  # podwall-ignore: or-instead-of-and: meant\n  # and more\n\n  from:\n  - a";
    expect(judge(text, findingAt(6), findingAt(7))).toEqual(["7:3 warning or-instead-of-and"]);
    const beside = "kind: A\nfrom: # podwall-ignore: or-instead-of-and: meant\n- a";
    expect(judge(beside, findingAt(2), findingAt(3))).toEqual(["3:3 warning or-instead-of-and"]);
  });

  it.each(["", "---\n", "# A word first.\n\n", "--- # begins\n"])(
    "are about the document after %j",
    (head) => {
      const lines = head.split("\n").length - 1;
      const text = `${head}# podwall-ignore: or-instead-of-and: meant\nkind: A\nx: 1\n---\nkind: B\n`;
      expect(judge(text, findingAt(lines + 3), findingAt(lines + 5))).toEqual([
        `${lines + 5}:3 warning or-instead-of-and`,
      ]);
    },
  );

  it("name several codes, and tell those that are not needed, not known, or without reason", () => {
    const text = [
      "kind: A",
      "a: 1 # podwall-ignore: or-instead-of-and, cidr-not-canonical: meant",
      "b: 1 # podwall-ignore: cidr-not-canonical: meant",
      "c: 1 # podwall-ignore: or-instead-of-an: meant",
      "d: 1 # podwall-ignore: or-instead-of-and",
      "e: 1 # podwall-ignore:",
    ].join("\n");
    expect(judge(text, findingAt(2), findingAt(5))).toEqual([
      "3:6 info unused-ignore",
      "4:6 warning unknown-code",
      "5:3 warning or-instead-of-and",
      "5:6 warning ignore-without-reason",
    ]);
  });

  it("cover a finding by any of its places", () => {
    const related = [{ position: { file: "deploy/a.yaml", line: 2, column: 1 }, message: "here" }];
    expect(
      judge("kind: A\nx: 1 # podwall-ignore: or-instead-of-and: meant", findingAt(9, { related })),
    ).toEqual([]);
  });
});

describe("a finding that says the same of several policies", () => {
  const FIX: Fix = { title: "mend all", safe: false, edits: [] };
  const same = (line: number, name: string): RelatedPlace => ({
    position: { file: "deploy/a.yaml", line, column: 3 },
    object: `NetworkPolicy shop/${name}`,
    message: `the same in ${name}`,
  });
  const grouped = findingAt(1, { related: [same(5, "web"), same(9, "api")], fix: FIX });
  const judge = (text: string): ReturnType<typeof applySettings> =>
    applySettings([grouped], {
      ...NO_SETTINGS,
      ignores: readSettings("podwall.yaml", `check: {ignore: [${text}]}`).settings.ignores,
    });
  const ignore = (name: string): string =>
    `{code: or-instead-of-and, object: NetworkPolicy shop/${name}, reason: meant}`;

  it("stays for those that nobody ignores, without a fix for all", () => {
    const [first, ...others] = judge(ignore("db")).findings;
    expect(others).toEqual([]);
    expect(first).toMatchObject({
      position: { line: 5 },
      object: "NetworkPolicy shop/web",
      related: [same(9, "api")],
    });
    expect(first!.fix).toBeUndefined();
    const [second] = judge(ignore("web")).findings;
    expect(second).toMatchObject({ position: { line: 1 }, related: [same(9, "api")] });
    expect(judge(ignore("nobody")).findings).toEqual([grouped]);
  });

  it("goes when all are ignored, each by itself or together", () => {
    for (const text of [`${ignore("db")}, ${ignore("web")}, ${ignore("api")}`, ignore("*")]) {
      const { findings, ignored } = judge(text);
      expect(findings).toEqual([]);
      expect(ignored).toMatchObject([{ finding: grouped }]);
    }
  });

  it("goes altogether by what stands beside something else that it speaks of", () => {
    const related = [
      ...grouped.related!,
      { position: { ...grouped.position, line: 20 }, message: "the namespace" },
    ];
    const ignores = ignoreComments(
      "deploy/a.yaml",
      `${"x: 1\n".repeat(19)}y: 1 # podwall-ignore: or-instead-of-and: meant`,
    );
    const { findings, ignored } = applySettings([{ ...grouped, related }], { ...NO_SETTINGS, ignores });
    expect(findings).toEqual([]);
    expect(ignored).toHaveLength(1);
  });

  it("does not make an ignore of one of them needless", () => {
    const ignores = ignoreComments(
      "deploy/a.yaml",
      "a\nb\nc\nd\ne # podwall-ignore: or-instead-of-and: meant",
    );
    const { findings } = applySettings([grouped], { ...NO_SETTINGS, ignores });
    expect(told(findings)).toEqual(["1:3 warning or-instead-of-and"]);
  });
});

describe("annotations of policies", () => {
  const policy = (name: string, more = ""): string => `---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {namespace: shop, name: ${name}${more}}
spec: {podSelector: {}}
`;

  it("are about the findings of their policy", () => {
    const annotation = `, annotations: {podwall.io/ignore: "or-instead-of-and: meant"}`;
    const { cluster } = checkInputOf(policy("db", annotation) + policy("web"));
    const ignores = ignoreAnnotations(cluster);
    const found = [findingAt(1), findingAt(2, { object: "NetworkPolicy shop/web" })];
    const judged = applySettings(found, { ...NO_SETTINGS, ignores });
    expect(told(judged.findings)).toEqual(["2:3 warning or-instead-of-and"]);
    expect(judged.ignored[0]!.ignore).toMatchObject({ reason: "meant", position: { line: 4, column: 53 } });
  });
});

describe("patterns", () => {
  it.each([
    ["legacy/*.yaml", "deploy/legacy/db.yaml", true],
    ["legacy/*.yaml", "deploy/legacy/x/db.yaml", false],
    ["legacy/**", "deploy/legacy/x/db.yaml", true],
    ["legacy/", "deploy/legacy/x/db.yaml", true],
    ["**/db.yaml", "db.yaml", true],
    ["gacy/db.yaml", "legacy/db.yaml", false],
    ["/abs/*.yaml", "/abs/a.yaml", true],
    ["/abs/*.yaml", "x/abs/a.yaml", false],
    ["a+b.yaml", "a+b.yaml", true],
    ["d?.yaml", "db.yaml", true],
  ])("%s matches %s: %s", (pattern, file, expected) => {
    expect(filePattern(pattern)(file)).toBe(expected);
  });

  it("of names take any text for a star", () => {
    expect(namePattern("NetworkPolicy shop/*")("NetworkPolicy shop/db")).toBe(true);
    expect(namePattern("NetworkPolicy shop/*")("NetworkPolicy shop2/db")).toBe(false);
    expect(namePattern("*/db")("NetworkPolicy shop/db")).toBe(true);
  });
});
