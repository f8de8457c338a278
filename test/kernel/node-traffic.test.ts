import { beforeAll, expect, it } from "vitest";
import { describeKernel } from "./kernel-support.ts";
import { runKernelScript } from "./run-kernel-script.ts";

const EVERYTHING = ["IPv4 TCP", "IPv4 UDP", "IPv4 ICMP", "IPv6 TCP", "IPv6 UDP", "IPv6 ICMP"];

describeKernel("traffic of nodes", () => {
  let passed: Record<string, string[]>;
  beforeAll(async () => {
    passed = await runKernelScript<Record<string, string[]>>("./node-traffic-script.ts");
  });

  it.each([
    ["a node reaches its own pod, whatever the policies", "node:one -> shop/closed", "passed"],
    ["another node does not", "node:two -> shop/closed", "stopped"],
    ["nor does a pod elsewhere", "shop/far -> shop/closed", "stopped"],
    ["a pod that may not send does not reach its own node", "shop/closed -> node:one", "stopped"],
    ["nor another node", "shop/closed -> node:two", "stopped"],
    ["an open pod reaches its node", "shop/open -> node:one", "passed"],
    [
      "a pod that may not send still answers: replies are no new connections",
      "shop/far -> shop/silent",
      "passed",
    ],
    ["and does not begin connections itself", "shop/silent -> shop/far", "stopped"],
  ])("%s", (_, pair, verdict) => {
    expect(passed[pair]).toEqual(EVERYTHING.map((each) => `${each} ${verdict}`));
  });
});
