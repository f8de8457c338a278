import { beforeAll, expect, it } from "vitest";
import type { FailingRun } from "./failing-script.ts";
import { describeKernel } from "./kernel-support.ts";
import { runKernelScript } from "./run-kernel-script.ts";

describeKernel("a transaction that the kernel refuses", () => {
  let run: FailingRun;
  beforeAll(async () => {
    run = await runKernelScript<FailingRun>("./failing-script.ts");
  });

  it("is followed by a replacement of everything", () => {
    expect(run.first.problems.map(({ outcome }) => outcome)).toEqual(["replaced"]);
    expect(run.first.differences).toBe(0);
  });

  it("closes only the pods concerned, if the replacement is refused too, and names the policies", () => {
    const [replaced, closed, ...more] = run.one.problems;
    expect([replaced?.outcome, closed?.outcome, more]).toEqual(["replaced", "closed", []]);
    expect(closed!.pods).toEqual(["shop/b"]);
    expect(closed!.policies.length).toBeGreaterThan(0);
    for (const policy of closed!.policies) expect(policy).toMatch(/^NetworkPolicy shop\/(guard-\d|more)$/);
    expect(run.oneClosed).toEqual(closed!.chains);
    expect(run.closedRules).toEqual(["goto deny_ingress"]);
  });

  it("is tried again after a while, though nothing changes", () => {
    expect(run.oneLater).toBe(0);
  });

  it("leaves the kernel as it was, if nothing can be loaded, until something can", () => {
    expect(run.all).toMatchObject({ rejected: "KernelError", unchanged: true, later: 0 });
  });

  it("is told as long as it stands in the way, and what is in force meanwhile", () => {
    const { first, one, oneLaterInForce, all, real } = run;
    expect(first.inForce).toEqual({ generation: first.generation, problems: [] });
    expect(one.inForce).toEqual({ generation: one.generation, problems: [one.problems[1]] });
    expect(oneLaterInForce).toEqual({ generation: one.generation, problems: [] });
    expect(all.behind).toBeGreaterThan(0);
    expect(all.outcomes).toEqual(["unchanged"]);
    expect(all.laterInForce.problems).toEqual([]);
    expect(all.laterInForce.generation).toBeGreaterThan(one.generation);
    expect(real.inForce).toEqual({ generation: real.generation, problems: [] });
  });

  it("is mapped from the line that nft names to what it is for", () => {
    expect(run.real.problems.map(({ outcome }) => outcome)).toEqual(["replaced"]);
    expect(run.real.problems[0]!.message).toMatch(/^nft refused (chain|set|map) \S+ \(.*\): No such file/);
    expect(run.real.differences).toBe(0);
  });

  it("is none where a table is loaded anew that somebody took away while the engine went on", () => {
    const right = { afterRepair: 0, next: { problems: [], differences: 0 } };
    expect(run.ahead).toMatchObject(run.ahead.map(() => right));
    expect(run.ahead.length).toBeGreaterThan(5);
  });
});
