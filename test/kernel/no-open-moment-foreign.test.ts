// Whatever somebody else does to the table of a node is put right. With more pods: PODWALL_FOREIGN_PODS=20000.
import { beforeAll, expect, it } from "vitest";
import { describeKernel } from "./kernel-support.ts";
import type { ForeignRun } from "./no-open-moment/foreign-script.ts";
import { runKernelScript } from "./run-kernel-script.ts";

describeKernel("a table that somebody else changes", () => {
  let run: ForeignRun;
  beforeAll(async () => {
    const pods = process.env.PODWALL_FOREIGN_PODS ?? "0";
    run = await runKernelScript<ForeignRun>("./no-open-moment/foreign-script.ts", [pods]);
    for (const { what, repairs, passed } of run.cases) {
      const millis = repairs.map((repair) => Math.round(repair.millis)).join();
      console.log(`${what}: right again after ${millis} ms; ${passed} packets passed`);
    }
  }, 300_000);

  it("is put right, and it is told who it was", () => {
    for (const { what, repairs, differences } of run.cases) {
      expect(
        repairs.map(({ by }) => by),
        what,
      ).toEqual(["nft"]);
      expect(repairs[0]!.tableWasGone, what).toBe(/ruleset|table/.test(what));
      expect(differences, what).toBe(0);
    }
    expect(run.cases).toHaveLength(5);
    expect(run.leakedAfter).toBe(0);
  });

  it("does let packets pass while it is gone, which shows that the flood is one", () => {
    expect(run.cases[0]!.passed).toBeGreaterThan(0);
  });

  it("loses the connections that began while it was gone", () => {
    expect(run.cut).toBeGreaterThan(0);
  });

  it("is right in the end also after 50 flushes a second", () => {
    expect(run.flushes.differences).toBe(0);
    expect(run.flushes.repairs).toBeGreaterThan(0);
  });

  it("is not put right after the lab's own changes", () => {
    expect(run.ownRepairs).toBe(0);
  });
});
