// Not one packet passes that is always denied, however often the process that keeps the rules is killed and started
// again. More of it with PODWALL_KILLS=200.
import { beforeAll, expect, it } from "vitest";
import { describeKernel } from "./kernel-support.ts";
import type { RestartsRun } from "./no-open-moment/restarts-script.ts";
import { runKernelScript } from "./run-kernel-script.ts";

const SEED = Number(process.env.PODWALL_SEED ?? 4);
const KILLS = Number(process.env.PODWALL_KILLS ?? 20);

describeKernel("a flood while the process that keeps the rules is killed", () => {
  let run: RestartsRun;
  beforeAll(
    async () => {
      const args = [SEED, KILLS].map(String);
      run = await runKernelScript<RestartsRun>("./no-open-moment/restarts-script.ts", args);
      console.log(JSON.stringify({ seed: SEED, ...run }));
    },
    120_000 + KILLS * 10_000,
  );

  it("leaks nothing, whether a process runs or not", () => {
    expect(run.kills).toBe(KILLS);
    expect(run.sentAlone).toBeGreaterThan(0);
    expect(run.leaked).toBe(0);
    // They all came as far as the rules. So may a packet of the kernel's own, as of IPv6 multicast.
    expect(run.denied).toBeGreaterThanOrEqual(run.sent);
  });

  it("keeps open what is open", () => {
    expect(run.allowedSent).toBeGreaterThan(0);
    expect(run.allowedArrived).toBe(run.allowedSent);
  });

  it("hits processes before and after they have started", () => {
    expect(run.killedAtStart).toBeGreaterThan(0);
    expect(run.killedAtStart).toBeLessThan(KILLS);
    expect(run.changes).toBeGreaterThan(10);
  });

  it("finds the kernel equal to the engine after each start, without a problem", () => {
    expect(run.differences).toEqual([]);
    expect(run.troubles).toEqual([]);
  });

  it("leaves the rules in force when the process ends in good order", () => {
    expect(run.stopped.chains).toBeGreaterThan(0);
    expect(run.stopped.sent).toBeGreaterThan(0);
    expect(run.stopped.leaked).toBe(0);
  });

  it("would leak if a process began with nothing", () => {
    expect(run.control.leaked).toBeGreaterThan(0);
  });
});
