import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import draft04 from "ajv-draft-04";
import addFormats from "ajv-formats";
import { describe, expect, it } from "vitest";
import type { Ignore } from "../analysis/check/settings/settings.ts";
import type { Finding } from "../k8s/finding.ts";
import { checkGithub } from "./check-github.ts";
import { checkJson } from "./check-json.ts";
import { checkJunit } from "./check-junit.ts";
import { checkSarif, type RuleWords } from "./check-sarif.ts";
import type { CheckReport } from "./check-text.ts";
import { parseGithubCommand } from "./github-command.fixture.ts";
import { parseXml } from "./xml.fixture.ts";

const PLACE = { file: "deploy/db policy.yaml", line: 3, column: 7 };
const FULL: Finding = {
  code: "or-instead-of-and",
  severity: "warning",
  position: PLACE,
  object: "NetworkPolicy shop/db",
  message: 'This rule lets in \u0007 <everybody> & "more".',
  help: "Remove the dash.",
  related: [{ position: { ...PLACE, line: 5 }, message: "here" }],
  fix: { title: "remove the dash", safe: false, edits: [{ kind: "merge-with-previous-item", at: PLACE }] },
};
const SHORT: Finding = {
  code: "shared-address",
  severity: "info",
  position: { file: "/abs/context prod", line: 0, column: 0 },
  message: "Two pods share an address.",
};
const IGNORE: Ignore = {
  codes: ["or-instead-of-and"],
  reason: "both are meant",
  position: { ...PLACE, line: 1 },
  beside: true,
  covers: () => true,
};
const REPORT: CheckReport = {
  findings: [FULL, SHORT, { ...SHORT, severity: "error", position: { file: "-", line: 2, column: 1 } }],
  ignored: [
    { finding: FULL, ignore: IGNORE },
    { finding: SHORT, ignore: { ...IGNORE, beside: false } },
  ],
  input: { files: 2, policies: 3, pods: 4 },
};

const schema = (path: string): object =>
  JSON.parse(readFileSync(new URL(`../../${path}`, import.meta.url), "utf8")) as object;

describe("podwall.check/v1", () => {
  const validate = new Ajv2020({ strict: true, strictRequired: false, allErrors: true }).compile(
    schema("schemas/podwall.check.v1.schema.json"),
  );

  it("holds of every shape of a finding", () => {
    const json = JSON.parse(JSON.stringify(checkJson(REPORT))) as object;
    validate(json);
    expect(validate.errors ?? []).toEqual([]);
    expect(json).toMatchObject({ summary: { errors: 1, warnings: 1, infos: 1, ignored: 2, files: 2 } });
  });

  it("refuses what it does not know", () => {
    const json = checkJson(REPORT);
    const [first] = json.findings;
    for (const wrong of [
      { ...first, extra: 1 },
      { ...first, severity: "fatal" },
      { ...first, line: undefined },
      { ...first, related: [] },
    ]) {
      expect(validate(JSON.parse(JSON.stringify({ ...json, findings: [wrong] })))).toBe(false);
    }
    expect(validate({ ...json, ignored: json.findings })).toBe(false);
  });
});

describe("SARIF 2.1.0", () => {
  const Draft04 = draft04.default;
  const ajv = new Draft04({ strict: false, allErrors: true });
  addFormats.default(ajv);
  const validate = ajv.compile(schema("test/schemas/sarif-2.1.0.schema.json"));
  const words = (code: string): RuleWords => ({
    summary: `What ${code} means.`,
    severity: "info",
    ...(code === "shared-address" ? {} : { page: `# ${code}` }),
  });

  it("is what its schema wants", () => {
    const log = JSON.parse(JSON.stringify(checkSarif(REPORT, "1.2.3", words))) as object;
    validate(log);
    expect(validate.errors ?? []).toEqual([]);
    expect(validate({ ...log, version: "2.0.0" })).toBe(false);
    const nothing = checkSarif({ ...REPORT, findings: [], ignored: [] }, "1.2.3", words);
    expect(validate(JSON.parse(JSON.stringify(nothing)))).toBe(true);
  });

  it("tells files as references, levels in its own words, and what is ignored as suppressed", () => {
    const [{ tool, results }] = checkSarif(REPORT, "1.2.3", words).runs;
    expect(tool.driver.rules.map(({ id }) => id)).toEqual(["or-instead-of-and", "shared-address"]);
    expect(results.map(({ level, ruleIndex }) => `${level} ${ruleIndex}`)).toEqual([
      "warning 0",
      "note 1",
      "error 1",
      "warning 0",
      "note 1",
    ]);
    expect(results[0]!.locations[0]!.physicalLocation).toEqual({
      artifactLocation: { uri: "deploy/db%20policy.yaml" },
      region: { startLine: 3, startColumn: 7 },
    });
    expect(results[1]!.locations[0]!.physicalLocation).toEqual({
      artifactLocation: { uri: "file:///abs/context%20prod" },
    });
    expect(results.map(({ suppressions }) => suppressions?.[0]?.kind)).toEqual([
      undefined,
      undefined,
      undefined,
      "inSource",
      "external",
    ]);
  });
});

describe("workflow commands", () => {
  it("tell each finding at its place, in one line", () => {
    const lines = checkGithub(REPORT).split("\n");
    expect(lines.pop()).toBe("");
    expect(lines.map(parseGithubCommand)).toEqual([
      {
        level: "warning",
        ...PLACE,
        title: "or-instead-of-and",
        message: `NetworkPolicy shop/db: ${FULL.message}\nRemove the dash.`,
      },
      { level: "notice", file: "/abs/context prod", title: "shared-address", message: SHORT.message },
      { level: "error", file: "-", line: 2, column: 1, title: "shared-address", message: SHORT.message },
    ]);
  });
});

describe("JUnit", () => {
  it("has a suite for each file, and fails for what makes the check fail", () => {
    const text = checkJunit(
      REPORT,
      ["deploy/db policy.yaml", "clean.yaml"],
      ({ severity }) => severity === "error",
    );
    const suites = parseXml(text).children;
    expect(
      suites.map(({ attributes: { name, tests, failures, skipped } }) => [name, tests, failures, skipped]),
    ).toEqual([
      ["deploy/db policy.yaml", "2", "0", "2"],
      ["clean.yaml", "1", "0", "0"],
      ["/abs/context prod", "2", "0", "2"],
      ["-", "1", "1", "0"],
    ]);
    expect(suites[3]!.children[0]).toMatchObject({
      attributes: { name: "shared-address (line 2)", classname: "shared-address", file: "-" },
      children: [
        {
          name: "failure",
          attributes: { message: "Two pods share an address.", type: "shared-address" },
          text: "-:2:1: Two pods share an address.",
        },
      ],
    });
    expect(suites[0]!.children[1]!.children[0]!.attributes.message).toBe(
      "ignored (deploy/db policy.yaml:1:7): both are meant",
    );
  });
});
