// docs/ci.md shows settings and an action: they are to be real.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { readSettings } from "../../src/analysis/check/settings/read-settings.ts";
import { ROOT } from "./run-podwall.ts";

const blocks = [...readFileSync(`${ROOT}docs/ci.md`, "utf8").matchAll(/```yaml\n(.*?)```/gs)].map(
  ([, text]) => text!,
);

describe("docs/ci.md", () => {
  it("shows settings that are valid, with codes that exist", () => {
    const [text, ...others] = blocks.filter((block) => block.startsWith("check:"));
    expect(others).toEqual([]);
    const { settings, findings } = readSettings("podwall.yaml", text!);
    expect(findings).toEqual([]);
    expect(settings.failOn).toBe("warning");
    expect(settings.levels.size).toBe(2);
    expect(settings.ignores).toHaveLength(1);
  });

  it("names inputs that the action has", () => {
    const action = parse(readFileSync(`${ROOT}action.yml`, "utf8")) as { inputs: object };
    const workflow = parse(blocks.find((block) => block.startsWith("on:"))!) as {
      jobs: { policies: { steps: { uses: string; with?: object }[] } };
    };
    const used = workflow.jobs.policies.steps
      .filter(({ uses }) => uses.includes("/podwall@"))
      .flatMap((step) => Object.keys(step.with ?? {}));
    expect(used.length).toBeGreaterThan(0);
    expect(used.filter((name) => !Object.hasOwn(action.inputs, name))).toEqual([]);
  });

  it("names hooks that there are", () => {
    const hooks = parse(readFileSync(`${ROOT}.pre-commit-hooks.yaml`, "utf8")) as { id: string }[];
    const shown = parse(blocks.find((block) => block.startsWith("repos:"))!) as {
      repos: { hooks: { id: string }[] }[];
    };
    const ids = shown.repos.flatMap((repo) => repo.hooks.map(({ id }) => id));
    expect(ids.sort()).toEqual(hooks.map(({ id }) => id).sort());
  });
});
