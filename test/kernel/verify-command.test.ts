// `podwall verify` through the built command line, in a network namespace with real rules.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { PODWALL, podwall, ROOT } from "../cli/run-podwall.ts";
import { describeKernel } from "./kernel-support.ts";
import { runKernelScript } from "./run-kernel-script.ts";
import type { VerifyCommandRun } from "./verify-command-script.ts";

const FOLDER = `${ROOT}examples/shop`;

describeKernel("podwall verify", () => {
  let run: VerifyCommandRun;
  let directory: string;
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), "podwall-verify-"));
    run = await runKernelScript<VerifyCommandRun>("./verify-command-script.ts", [PODWALL, FOLDER]);
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  it("says that nothing is enforced where there is no table", () => {
    expect(run.before).toMatchObject({ code: 1, stdout: expect.stringContaining("nothing is enforced") });
  });

  it("says that kernel and model are equal", () => {
    expect(run.loaded).toMatchObject({ code: 0, stderr: "" });
    expect(run.loaded.stdout).toMatch(/^kernel = model: \d+ pods of node node, /);
  });

  it("finds a rule that somebody put in front", () => {
    expect(run.broken.code).toBe(1);
    expect(run.broken.stdout).toContain("chain ingress, rule 1 is another");
    expect(run.broken.stdout).toContain("there:  tcp dport 22 accept");
  });

  it("reads what was saved, from a file and from the standard input", async () => {
    const file = join(directory, "table.json");
    writeFileSync(file, run.ruleset);
    const saved = await podwall(["verify", "--ruleset", file, FOLDER]);
    expect(saved).toMatchObject({ code: 0, stderr: "", stdout: run.loaded.stdout });
    const piped = await podwall(["verify", "--ruleset", "-", "-o", "json", FOLDER], { stdin: run.ruleset });
    expect(piped.code).toBe(0);
    expect(JSON.parse(piped.stdout)).toMatchObject({
      schema: "podwall.verify/v1",
      node: "node",
      equal: true,
    });
  });

  it("compares with the policies that are given", async () => {
    const { code, stdout } = await podwall(
      ["verify", "--ruleset", "-", "-o", "json", `${ROOT}examples/shop-open`],
      { stdin: run.ruleset },
    );
    expect(code).toBe(1);
    expect(JSON.parse(stdout).differences).toContainEqual(
      expect.objectContaining({ code: "ports-differ", direction: "ingress", moreClosed: expect.any(Array) }),
    );
  });
});
