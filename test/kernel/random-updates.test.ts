// One lab through random clusters of every kind: what a chain of deltas leaves in the kernel, against engine and
// reference evaluator, packet by packet.
import { expect, it } from "vitest";
import { describeKernel } from "./kernel-support.ts";
import type { UpdatesRun } from "./random-updates-script.ts";
import { runKernelScript } from "./run-kernel-script.ts";

const UPDATES = Number(process.env.PODWALL_KERNEL_CLUSTERS ?? 24);
const FIRST_SEED = Number(process.env.PODWALL_SEED ?? 1001);

describeKernel("a lab that is brought from one random cluster to the next", () => {
  it("agrees with the engine and the reference evaluator after every update", {
    timeout: 600_000,
  }, async () => {
    const args = [String(FIRST_SEED), String(UPDATES)];
    const { wrong, allow, deny, deltas } = await runKernelScript<UpdatesRun>(
      "./random-updates-script.ts",
      args,
    );
    expect(wrong).toEqual([]);
    expect(allow).toBeGreaterThan(UPDATES);
    expect(deny).toBeGreaterThan(UPDATES);
    expect(deltas).toBeGreaterThan(UPDATES / 2);
  });
});
