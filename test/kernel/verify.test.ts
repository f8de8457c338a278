// Whatever single thing of a loaded table is broken by hand, the comparison with the engine finds it.
import { expect, it } from "vitest";
import { describeKernel } from "./kernel-support.ts";
import { runKernelScript } from "./run-kernel-script.ts";
import type { VerifyRun } from "./verify-script.ts";

/** Clusters with policies of the kind, and rules and elements of every sort; more with PODWALL_VERIFY_SEEDS=7,8,9. */
const CASES: readonly (readonly [kinds: string, seeds: readonly string[]])[] =
  process.env.PODWALL_VERIFY_SEEDS === undefined
    ? [
        ["NetworkPolicy", ["4", "5", "14"]],
        ["cluster-wide", ["4", "5", "14"]],
      ]
    : [["any", process.env.PODWALL_VERIFY_SEEDS.split(",")]];

describeKernel("the comparison of the kernel with the engine", () => {
  it.each(CASES)(
    "finds every single break, policies: %s",
    async (kinds, seeds) => {
      const run = await runKernelScript<VerifyRun>("./verify-script.ts", [kinds, ...seeds]);
      expect(run.wrong).toEqual([]);
      expect(run.programs).toBeGreaterThanOrEqual(seeds.length);
      expect(run.breaks).toBeGreaterThan(50 * seeds.length);
      expect(run.ofFunction).toBeGreaterThan(run.breaks / 10);
      for (const code of ["table-missing", "foreign-object", "chain-extra", "set-extra", "hook-differs"]) {
        expect(run.codes).toContain(code);
      }
      for (const code of ["element-missing", "verdict-differs", "rule-unknown", "ports-differ"]) {
        expect(run.codes).toContain(code);
      }
    },
    240_000,
  );
});
