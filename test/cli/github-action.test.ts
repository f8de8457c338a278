// The GitHub Action as a runner runs it: the steps of action.yml, with inputs put in for their expressions.
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { parseGithubCommand } from "../../src/report/github-command.fixture.ts";
import { ROOT } from "./run-podwall.ts";

interface Step {
  readonly shell: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly run: string;
}

interface Action {
  readonly inputs: Readonly<Record<string, { readonly default: string }>>;
  readonly runs: { readonly using: string; readonly steps: readonly Step[] };
}

const ACTION = parse(readFileSync(`${ROOT}action.yml`, "utf8")) as Action;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "podwall-action-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** The exit code of the first step that fails, or 0, and all that was printed. */
function runAction(
  given: Readonly<Record<string, string>>,
  cwd = ROOT,
): { readonly code: number; readonly stdout: string; readonly summary: string } {
  const unknown = Object.keys(given).filter((name) => !Object.hasOwn(ACTION.inputs, name));
  if (unknown.length > 0) throw new Error(`no such input: ${unknown.join(", ")}`);
  const summaryFile = join(folder, "summary.md");
  writeFileSync(summaryFile, "");
  let stdout = "";
  for (const { shell, env = {}, run } of ACTION.runs.steps) {
    expect(shell).toBe("bash");
    const values = Object.fromEntries(
      Object.entries(env).map(([name, value]) => [
        name,
        value.replace(/\$\{\{ inputs\.([\w-]+) \}\}/g, (_, input: string) => {
          const known = ACTION.inputs[input];
          if (known === undefined) throw new Error(`${name} uses the input ${input}, which is not there`);
          return given[input] ?? known.default;
        }),
      ]),
    );
    // As the runner starts bash for `shell: bash`.
    const result = spawnSync("bash", ["--noprofile", "--norc", "-eo", "pipefail", "-c", run], {
      cwd,
      encoding: "utf8",
      env: { ...process.env, ...values, GITHUB_ACTION_PATH: ROOT, GITHUB_STEP_SUMMARY: summaryFile },
    });
    stdout += result.stdout;
    if (result.status !== 0) {
      return { code: result.status ?? -1, stdout, summary: readFileSync(summaryFile, "utf8") };
    }
  }
  return { code: 0, stdout, summary: readFileSync(summaryFile, "utf8") };
}

describe("the GitHub Action", () => {
  it("is a composite one with a default for each input", () => {
    expect(ACTION.runs.using).toBe("composite");
    for (const [name, input] of Object.entries(ACTION.inputs))
      expect(typeof input.default, name).toBe("string");
  });

  it("checks: annotations, SARIF, and a failure where there is one", () => {
    const sarif = join(folder, "podwall.sarif");
    const { code, stdout } = runAction({ paths: "examples/or", "sarif-file": sarif });
    expect(code).toBe(1);
    const annotations = stdout.trim().split("\n").map(parseGithubCommand);
    expect(annotations).toContainEqual(
      expect.objectContaining({ level: "warning", file: "examples/or/policy.yaml", line: 19 }),
    );
    const log = JSON.parse(readFileSync(sarif, "utf8")) as { runs: { results: object[] }[] };
    expect(log.runs[0]!.results).toHaveLength(annotations.length);
  });

  it("passes more arguments on", () => {
    expect(runAction({ paths: "examples/or", arguments: "--fail-on error --severity warning" }).code).toBe(0);
  });

  it("compares with a base: annotations, a summary, and a failure where something opens", () => {
    const repository = join(folder, "repository");
    cpSync(`${ROOT}examples/shop`, join(repository, "deploy"), { recursive: true });
    const git = (...args: readonly string[]): void => {
      const options = ["-c", "user.name=a", "-c", "user.email=a@example.com"];
      const { status, stderr } = spawnSync("git", [...options, ...args], {
        cwd: repository,
        encoding: "utf8",
      });
      if (status !== 0) throw new Error(`git ${args.join(" ")}: ${stderr}`);
    };
    git("init", "--quiet");
    git("add", ".");
    git("commit", "--quiet", "-m", "before");
    const policy = join(repository, "deploy/policy.yaml");
    writeFileSync(policy, readFileSync(policy, "utf8").replace(/^ {2}ingress:/m, "  ingress:\n  - {}"));
    const inputs = { command: "diff", base: "HEAD", paths: "deploy" };
    const { code, stdout, summary } = runAction({ ...inputs, arguments: "--fail-on-open" }, repository);
    expect(code).toBe(1);
    const commands = stdout.split("\n").filter((line) => line.startsWith("::"));
    expect(commands.map(parseGithubCommand)).toContainEqual(
      expect.objectContaining({ file: "deploy/policy.yaml" }),
    );
    expect(summary).toMatch(/^#+ podwall: .*connections? opens?/);
    expect(runAction({ ...inputs, summary: "false" }, repository)).toMatchObject({ code: 0, summary: "" });
  });

  it("tests: fails where a case does not hold", () => {
    expect(runAction({ command: "test", paths: "examples/shop" }).code).toBe(0);
    expect(
      runAction({ command: "test", paths: "examples/shop-open examples/shop/shop.podwall.yaml" }).code,
    ).toBe(1);
  });

  it("says what is missing", () => {
    const unknown = runAction({ command: "lint" });
    expect(unknown.code).toBe(2);
    expect(unknown.stdout).toContain("there are check, diff and test");
    const diff = runAction({ command: "diff" });
    expect(diff.code).toBe(2);
    expect(diff.stdout).toContain("needs the input base");
  });
});

describe("the hooks of pre-commit", () => {
  it("name commands that are there", () => {
    const hooks = parse(readFileSync(`${ROOT}.pre-commit-hooks.yaml`, "utf8")) as {
      id: string;
      entry: string;
    }[];
    for (const { id, entry } of hooks) {
      const [program, command] = entry.split(" ");
      expect(program).toBe("podwall");
      expect(id).toBe(`podwall-${command}`);
      const help = spawnSync(process.execPath, [`${ROOT}dist/podwall.js`, command!, "--help"], {
        encoding: "utf8",
      });
      expect(help.stdout).toContain(`podwall ${command} `);
    }
  });
});
