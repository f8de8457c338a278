import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { importTargets, readImports } from "./imports.ts";
import { importProblem, ROOMS } from "./rooms.ts";

const SRC = join(import.meta.dirname, "../../src");

describe("the rooms of src/", () => {
  it("import only the rooms above them", () => {
    const imports = readImports(SRC);
    expect(imports.length).toBeGreaterThan(50);
    expect(imports.map(importProblem).filter((problem) => problem !== undefined)).toEqual([]);
  });

  it("are all known", () => {
    const folders = readdirSync(SRC, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect(folders.map(({ name }) => name).filter((name) => !ROOMS.has(name))).toEqual([]);
  });
});

describe("the import rule", () => {
  it.each([
    ["net/cidr.ts", "../engine/engine.ts"],
    ["engine/engine.ts", "../../src/cli/main.ts"],
    ["engine/explain.ts", "../report/text.ts"],
    ["engine/explain.ts", "../index.ts"],
    ["dataplane/kernel.ts", "../report/text.ts"],
    ["lab/run.ts", "../report/text.ts"],
    ["server/api.ts", "../cli/main.ts"],
    ["k8s/manifests.ts", "node:fs"],
    ["analysis/check/dash.ts", "koffi"],
    ["policy/policy.ts", "fs"],
    ["attic/old.ts", "./older.ts"],
  ])("reports that src/%s imports %s", (file, target) => {
    expect(importProblem({ file, target })).toContain(`src/${file}: `);
  });

  it.each([
    ["engine/engine.ts", "./row.ts"],
    ["engine/engine.ts", "../net/bitset.ts"],
    ["analysis/check/dash.ts", "../../engine/engine.ts"],
    ["analysis/check/dash.ts", "../finding.ts"],
    ["k8s/manifests.ts", "js-yaml"],
    ["report/text.ts", "../engine/explain.ts"],
    ["report/text.ts", "cli-table3"],
    ["server/api.ts", "../report/json.ts"],
    ["cli/lab.ts", "../lab/run.ts"],
    ["cli/lab.ts", "node:fs"],
    ["cli/version.ts", "../../package.json"],
    ["index.ts", "./engine/engine.ts"],
  ])("lets src/%s import %s", (file, target) => {
    expect(importProblem({ file, target })).toBeUndefined();
  });

  it("sees every form of import", () => {
    const source = `
      import { a } from "./a.ts";
      import type {
        B,
      } from './b.ts';
      import "./c.ts";
      export * from "./d.ts";
      export type { E } from "./e.ts";
      const f = await import("./f.ts");
      const g = require("./g.ts");
      export const text = "not from './x.ts'";
    `;
    expect(importTargets(source).sort()).toEqual(
      ["a", "b", "c", "d", "e", "f", "g"].map((name) => `./${name}.ts`),
    );
  });
});
