// Random changes and troubles for a while, as scripts/agent-soak.mjs does for longer.
import { expect, it } from "vitest";
import { describeUnless } from "../../src/lab/testing/harness.ts";
import { runKernelScript } from "../kernel/run-kernel-script.ts";
import { skipReason } from "./harness/skip-reason.ts";
import type { SoakResult } from "./soak/soak-run.ts";

const MINUTES = Number(process.env.PODWALL_SOAK_MINUTES ?? 1);
const SEED = Number(process.env.PODWALL_SEED ?? 1);

describeUnless(skipReason(), "agents that are changed and troubled at random", () => {
  it(
    "enforce what the API says at every moment",
    async () => {
      const result = await runKernelScript<SoakResult>("../agent/soak/soak-script.ts", [
        String(MINUTES),
        String(SEED),
      ]);
      console.log(JSON.stringify(result));
      expect(result.problems).toEqual([]);
      expect(result.packets).toMatchObject({ leaked: 0, wronglyDropped: 0 });
      expect(result.changes.all).toBeGreaterThan(0);
      expect(result.agreements).toBeGreaterThan(1);
      expect(result.probes.passed).toBeGreaterThan(0);
      expect(result.probes.denied).toBeGreaterThan(0);
    },
    MINUTES * 120_000 + 300_000,
  );
});
