// A process that starts again over a cluster that is the same has nothing to do.
import { beforeAll, expect, it } from "vitest";
import { describeKernel } from "./kernel-support.ts";
import { runKernelScript } from "./run-kernel-script.ts";
import type { TakeOverRun } from "./take-over-script.ts";

const SEED = Number(process.env.PODWALL_SEED ?? 4);

describeKernel("a start over what the process before has left", () => {
  let run: TakeOverRun;
  beforeAll(async () => {
    run = await runKernelScript<TakeOverRun>("./take-over-script.ts", [String(SEED)]);
  }, 300_000);

  it("sends nothing while the cluster is the same", () => {
    expect([run.pods, run.policies]).toEqual([2000, 200]);
    expect(run.starts).toHaveLength(3);
    for (const { what, operations, commands, problems } of run.starts) {
      expect(commands, `${what}, seed ${SEED}`).toEqual([]);
      expect([operations, problems], what).toEqual([0, 0]);
    }
  });

  it("finds sets by what they hold, since their names tell what they once held", () => {
    const [loaded, changed] = run.starts;
    expect(loaded!.sets).toBeGreaterThan(100);
    expect(loaded!.otherNames).toBe(0);
    expect(changed!.otherNames).toBeGreaterThan(20);
  });
});
