// Enforcement follows changes one by one: what the kernel then holds is what a fresh start would load, no more and no
// less, and what is sent for a change is what it changes.
import { beforeAll, describe, expect, it } from "vitest";
import type { BackAndForthRun } from "./back-and-forth-script.ts";
import { describeKernel } from "./kernel-support.ts";
import type { WalkRun } from "./kernel-walk-script.ts";
import type { OperationsRun } from "./operations-script.ts";
import { runKernelScript } from "./run-kernel-script.ts";

/** The nightly size is PODWALL_KERNEL_CHANGES=5000; another walk with PODWALL_SEED. */
const CHANGES = Number(process.env.PODWALL_KERNEL_CHANGES ?? 400);
const FIRST_SEED = Number(process.env.PODWALL_SEED ?? 1);
const CHECK_EVERY = Math.max(20, CHANGES / 100);

describeKernel("a kernel that follows a random walk", () => {
  it("holds just what the state compiles to, and no set or chain is left over", {
    timeout: 900_000,
  }, async () => {
    const args = [FIRST_SEED, CHANGES, CHECK_EVERY].map(String);
    const run = await runKernelScript<WalkRun>("./kernel-walk-script.ts", args);
    expect(run.wrong).toEqual([]);
    expect(run.repairs).toBe(0);
    expect(run.changes).toBe(CHANGES);
    // Otherwise the walk would not have come by the hard places.
    expect(run.transactions).toBeGreaterThan(CHANGES / 4);
    expect(run.checks).toBeGreaterThan((CHANGES / CHECK_EVERY) * 1.5);
    for (const seen of ["audited", "elsewhere", "moves", "relabels"] as const) {
      expect(run[seen], seen).toBeGreaterThan(2);
    }
  });
});

describeKernel("a kernel that goes back and forth between two states", () => {
  it("does not grow", { timeout: 300_000 }, async () => {
    const runs = await runKernelScript<BackAndForthRun[]>("./back-and-forth-script.ts", [
      "50",
      "3,4",
      "11,12",
    ]);
    for (const { seeds, held, transactions, wrong } of runs) {
      expect(wrong, seeds).toEqual([]);
      expect(held, seeds).toEqual(Array.from({ length: 51 }, () => held[0]));
      expect(transactions, seeds).toBeGreaterThan(100);
      expect(held[0]!.elements, seeds).toBeGreaterThan(15);
    }
  });
});

describeKernel("what is sent to the kernel", () => {
  let run: OperationsRun;
  beforeAll(async () => {
    run = await runKernelScript<OperationsRun>("./operations-script.ts");
  });

  it("for a pod of another node are some elements", () => {
    expect(run.pods.length).toBeGreaterThan(150);
    for (const { what, commands } of run.pods) {
      const others = commands.filter((command) => !/^(add|delete) element inet podwall peers_/.test(command));
      expect(others, what).toEqual([]);
      expect(commands.length, what).toBeGreaterThan(0);
      expect(commands.length, what).toBeLessThanOrEqual(4);
    }
  });

  describe("for a policy", () => {
    it("is about the chains and sets of the pods that it selects, and no others", () => {
      expect(run.policies.length).toBeGreaterThan(100);
      expect(run.policies.filter(({ beyond }) => beyond.length > 0)).toEqual([]);
    });

    it("is no more than what these hold", () => {
      for (const { what, commands } of run.policies) {
        expect(commands.length, what).toBeGreaterThan(0);
        expect(commands.length, what).toBeLessThan(40);
      }
      // Each of these is of four chains at most, of fifty-six.
      expect(run.classChains).toBeGreaterThan(50);
    });
  });
});
