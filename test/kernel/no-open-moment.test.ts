// Not one packet passes that is denied before and after each change. More of it with PODWALL_LEAK_PACKETS=1000000.
import { beforeAll, expect, it } from "vitest";
import { describeKernel } from "./kernel-support.ts";
import type { LeakRun } from "./no-open-moment/leak-script.ts";
import { runKernelScript } from "./run-kernel-script.ts";

const SEED = Number(process.env.PODWALL_SEED ?? 4);
const PACKETS = Number(process.env.PODWALL_LEAK_PACKETS ?? 100_000);
/** At 200 a second: as many for each packet in a long run as in a short one. */
const CHANGES = Math.max(500, Math.round(PACKETS / 100));

describeKernel("a flood through changes that always deny it", () => {
  let run: LeakRun;
  beforeAll(async () => {
    run = await runKernelScript<LeakRun>("./no-open-moment/leak-script.ts", [
      String(SEED),
      String(PACKETS),
      String(CHANGES),
    ]);
    console.log(JSON.stringify({ seed: SEED, ...run }));
  }, 600_000);

  it("leaks nothing", () => {
    expect(run.sent).toBeGreaterThanOrEqual(PACKETS);
    expect(run.changes).toBeGreaterThanOrEqual(CHANGES);
    expect(run.leaked).toBe(0);
    // They all came as far as the rules. So may a packet of the kernel's own, as of IPv6 multicast.
    expect(run.denied).toBeGreaterThanOrEqual(run.sent);
  });

  it("keeps open what is open", () => {
    expect(run.allowedSent).toBeGreaterThan(0);
    expect(run.allowedArrived).toBe(run.allowedSent);
  });

  it("leaves in the kernel what the engine says, without a problem, and takes its own changes for nobody else's", () => {
    expect(run.differences).toEqual([]);
    expect(run.problems).toEqual([]);
    expect(run.repairs).toEqual([]);
  });

  it("would leak if rules were taken away and loaded anew", () => {
    expect(run.control.leaked).toBeGreaterThan(0);
  });
});
