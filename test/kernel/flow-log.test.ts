import { beforeAll, describe, expect, it } from "vitest";
import type { FlowLogRun } from "./flow-log-script.ts";
import { describeKernel } from "./kernel-support.ts";
import { runKernelScript } from "./run-kernel-script.ts";

const WEB = "closest: rule 1 wants server=api";

describeKernel("the flow log", () => {
  let run: FlowLogRun;
  beforeAll(async () => {
    run = await runKernelScript<FlowLogRun>("./flow-log-script.ts");
  });

  it("tells of packets that the kernel denied with names and reasons", () => {
    const start = "no rule of NetworkPolicy shop/db-policy allows it";
    const notTcp = (name: string): string =>
      `(shop/frontend-0 has server=web) and TCP 3306 (this is ${name} echo-request)`;
    expect(run.lines).toEqual([
      `DENIED  shop/frontend-0 -> shop/db-0 TCP 3306 ingress: ${start}; ${WEB}, shop/frontend-0 has server=web`,
      `DENIED  203.0.113.9 -> shop/db-0 TCP 3306 ingress: ${start}; ` +
        "closest: rule 1 wants pods server=api of namespace shop, 203.0.113.9 is no pod",
      `DENIED  shop/frontend-0 -> shop/db-0 TCP 80 ingress: ${start}; ${WEB} (shop/frontend-0 has server=web) ` +
        "and TCP 3306 (this is TCP 80)",
      `DENIED  shop/frontend-0 -> shop/db-0 ICMP echo-request ingress: ${start}; ${WEB} ${notTcp("ICMP")}`,
      `DENIED  shop/frontend-0 -> shop/db-0 ICMPv6 echo-request ingress: ${start}; ${WEB} ${notTcp("ICMPv6")}`,
    ]);
  });

  describe.each([
    [0, "of one class behind the kernel's limit"],
    [1, "of 60,000 classes behind the kernel's limit"],
    [2, "of one class that is all logged"],
    [3, "of 60,000 classes that are all logged"],
  ])("flood %d, %s", (index) => {
    it("is accounted for to the last packet", () => {
      const { sent, denied, listed, received, told } = run.floods[index]!;
      expect([denied, listed]).toEqual([sent, sent]);
      expect(received).toBeGreaterThan(0);
      expect(told).toBe(sent);
    });

    it("makes few events and takes no memory", () => {
      const { flowEvents, suppressedEvents, grown } = run.floods[index]!;
      expect(flowEvents).toBeGreaterThan(0);
      expect(flowEvents + suppressedEvents).toBeLessThan(2000);
      // A thousand classes with their reasons, and not 100,000 packets of 256 bytes.
      expect(grown).toBeLessThan(8_000_000);
    });
  });

  it("says how many packets it tells nothing of", () => {
    const suppressed = run.floods.map(({ suppressedEvents }) => suppressedEvents > 0);
    // All packets of the third were received, unless the socket was too small for a slow machine.
    expect([suppressed[0], suppressed[1], suppressed[3]]).toEqual([true, true, true]);
  });
});
