// What only a user namespace does otherwise: transactions may not be large there. Root runs a selection in one, too.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { podwall } from "../cli/run-podwall.ts";
import type { FlowLogRun } from "./flow-log-script.ts";
import { describeKernel } from "./kernel-support.ts";
import type { WalkRun } from "./kernel-walk-script.ts";
import type { LargeChangesRun } from "./large-changes-script.ts";
import { runKernelScript } from "./run-kernel-script.ts";

const before = process.env.PODWALL_SANDBOX;

describeKernel("in a user namespace", () => {
  beforeAll(() => {
    process.env.PODWALL_SANDBOX = "user-namespace";
  });
  afterAll(() => {
    if (before === undefined) delete process.env.PODWALL_SANDBOX;
    else process.env.PODWALL_SANDBOX = before;
  });

  it("the lab sends its probes, and the kernel holds the model", async () => {
    const { code, stdout } = await podwall(["lab", "examples/shop"]);
    expect(stdout).toContain("every cell: predicted = measured");
    expect(stdout).toContain("kernel = model");
    expect(code).toBe(0);
  });

  it("the kernel follows a random walk", async () => {
    const run = await runKernelScript<WalkRun>("./kernel-walk-script.ts", ["77", "50", "10"]);
    expect(run.wrong).toEqual([]);
    expect(run.changes).toBe(50);
    expect(run.checks).toBeGreaterThan(6);
  });

  it("the flow log tells what was denied", async () => {
    const { lines } = await runKernelScript<FlowLogRun>("./flow-log-script.ts");
    expect(lines).toHaveLength(5);
  });

  describe("changes beyond the send buffer of a user namespace", () => {
    let run: LargeChangesRun;
    beforeAll(async () => {
      run = await runKernelScript<LargeChangesRun>("./large-changes-script.ts");
    });

    it("end in what the model says", () => {
      expect(run.inUserNamespace).toBe(true);
      expect(run.steps).toHaveLength(5);
      for (const { what, wrong } of run.steps) expect(wrong, what).toEqual([]);
      // Otherwise they are no test of what is done when nft refuses.
      const refused = run.steps.filter(({ problems }) => problems.length > 0);
      expect(refused.length).toBeGreaterThan(2);
      for (const { what, operations } of run.steps.slice(1)) expect(operations, what).toBeGreaterThan(100);
    });
  });
});
