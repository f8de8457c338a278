import { readdirSync } from "node:fs";
import { relative } from "node:path";
import { describe, expect, it } from "vitest";
import type { Finding } from "../../src/k8s/finding.ts";
import { ROOT } from "../cli/run-podwall.ts";
import {
  applicationFolder,
  applicationNames,
  applicationText,
  type PlantedMistake,
  parsePlanted,
} from "./application.ts";
import { allFindings, isAbout } from "./findings.ts";

/** What people would say of a finding: it is one of the mistakes, it follows from one, or neither. */
function judged(name: string, finding: Finding, planted: readonly PlantedMistake[]): string {
  const about = planted.filter((mistake) => isAbout(name, finding, mistake));
  if (about.some(({ follows }) => !follows)) return "mistake";
  if (about.length > 0) return "follows";
  // A text with an error cannot be read: that follows from the error, wherever its policy begins.
  const file = relative(applicationFolder(name), finding.position.file);
  const isLost = finding.code === "policy-unreadable" && planted.some((mistake) => mistake.file === file);
  return isLost ? "follows" : finding.severity === "info" ? "info" : "FALSE";
}

function line(folder: string, { position, severity, code }: Finding, judgement?: string): string {
  const place = `${relative(folder, position.file)}:${position.line}`;
  return [...(judgement === undefined ? [] : [judgement.padEnd(7)]), severity.padEnd(7), code, place].join(
    "  ",
  );
}

describe.each(applicationNames())("what podwall check says of %s", async (name) => {
  const folder = applicationFolder(name);
  const planted = parsePlanted(applicationText(name, "planted.txt"));
  const findings = await allFindings(folder, {});

  it("names every planted mistake", () => {
    const missed = planted.filter(
      (mistake) => !mistake.follows && !findings.some((finding) => isAbout(name, finding, mistake)),
    );
    expect(missed).toEqual([]);
  });

  it("is never more than an info where there is no mistake", () => {
    const wrong = findings.filter((finding) => judged(name, finding, planted) === "FALSE");
    expect(wrong.map((finding) => `${line(folder, finding)}: ${finding.message}`)).toEqual([]);
  });

  // Written anew by `npx vitest run test/applications --update`, to be looked at line by line.
  it("is what findings.txt lists", async () => {
    const lines = findings.map((finding) => line(folder, finding, judged(name, finding, planted)));
    await expect(`${lines.join("\n")}\n`).toMatchFileSnapshot(`${folder}/findings.txt`);
  });
});

describe("what podwall check says of the recipes", async () => {
  const root = `${ROOT}examples/recipes`;
  const findings: Finding[] = [];
  for (const recipe of readdirSync(root).sort())
    findings.push(...(await allFindings(`${root}/${recipe}`, {})));

  it("is never more than an info", () => {
    const wrong = findings.filter(({ severity }) => severity !== "info");
    expect(wrong.map((finding) => `${line(root, finding)}: ${finding.message}`)).toEqual([]);
  });

  it("is what recipes-findings.txt lists", async () => {
    const lines = findings.map((finding) => line(root, finding));
    await expect(`${lines.join("\n")}\n`).toMatchFileSnapshot("./recipes-findings.txt");
  });
});
