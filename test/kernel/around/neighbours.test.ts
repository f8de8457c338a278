// IPv6 neighbour discovery is ICMP that no policy may stop: without it a pod has no network at all. The lab's links
// know their neighbours for good; here one of them has to find out.
import { beforeAll, expect, it } from "vitest";
import { describeKernel } from "../kernel-support.ts";
import { denyAll, node, pod } from "./manifests.ts";
import { ICMPV6, icmp, ipPacket } from "./packets.ts";
import { type Answers, runAround, type Shot, type Step } from "./steps.ts";

const POD = "fd00:10:244:1::1";
const NODE = "fd00:18::1";
const GATEWAY = "fe80::1";
const CLUSTER = [
  node("one", "172.18.0.1", NODE),
  pod("closed", "closed", "one", ["10.244.1.1", POD], "TCP/80"),
].join("");
const STATE = CLUSTER + denyAll("closed");
const PROBE = "node:one -> shop/closed TCP 80";
const OUTWARD = "shop/closed -> 2001:db8::9 TCP 443";
const ND_RULE = String.raw`icmpv6 type \{ nd-router-solicit, .* \} accept`;

/** Makes pod and node forget what they know of each other. */
const forget: Step[] = [
  { run: "shop/closed", argv: ["ip", "-6", "neighbour", "delete", GATEWAY, "dev", "eth0"] },
  {
    run: "node:one",
    argv: [
      "sh",
      "-ec",
      `device=$(ip -6 -o route get ${POD} | sed 's/.* dev \\([^ ]*\\).*/\\1/')
       ip -6 neighbour delete ${POD} dev "$device"
       ip -6 neighbour delete fe80::2 dev "$device" || true`,
    ],
  },
];
const known = (endpoint: string, as: string): Step => ({
  run: endpoint,
  argv: ["ip", "-6", "neighbour", "show"],
  as,
});

const TYPES = {
  "router solicitation": 133,
  "router advertisement": 134,
  "neighbour solicitation": 135,
  "neighbour advertisement": 136,
  redirect: 137,
  "router renumbering": 138,
  "echo request": 128,
};
/** A message of every type from the pod to its node; the body is a target address, and then the marker. */
const SHOTS: Shot[] = Object.entries(TYPES).map(([name, type]) => {
  const body = Buffer.concat([
    Buffer.from("20010db8000000000000000000000077".repeat(2), "hex"),
    Buffer.from(name),
  ]);
  const packet = ipPacket(POD, NODE, ICMPV6, icmp(POD, NODE, type, 0, 0, body));
  return {
    name,
    from: "shop/closed",
    at: "node:one",
    family: 6,
    protocol: ICMPV6,
    packets: [packet.toString("base64")],
    marker: name,
  };
});

describeKernel("IPv6 neighbour discovery", () => {
  let answers: Answers;
  beforeAll(async () => {
    answers = await runAround([
      { state: STATE },
      { shots: SHOTS, as: "types" },
      ...forget,
      known("shop/closed", "forgotten by the pod"),
      { probes: [PROBE], as: "node to pod" },
      known("shop/closed", "known to the pod"),
      known("node:one", "known to the node"),
      ...forget,
      { probes: [OUTWARD], as: "pod to elsewhere" },
      known("shop/closed", "known to the pod by itself"),
      ...forget,
      {
        copyTable: "node:one",
        name: "without-discovery",
        pattern: ND_RULE,
        replacement: "",
        as: "rules left out",
      },
      // In this order: the node's own question, which nobody stops, tells the pod who asks.
      { probes: [OUTWARD], as: "pod to elsewhere, without the rule" },
      known("shop/closed", "known to the pod without the rule"),
      { probes: [PROBE], as: "node to pod, without the rule" },
      known("node:one", "known to the node without the rule"),
      { state: CLUSTER },
      { run: "node:one", argv: ["nft", "delete", "table", "inet", "without-discovery"] },
      { shots: SHOTS, as: "types, no policies" },
    ]);
  });
  const found = (as: string, address: string): string =>
    answers[as]!.stdout!.split("\n").find((line) => line.startsWith(`${address} `)) ?? "no entry";

  it("is what the test has to do with: both ends forget each other", () => {
    expect(found("forgotten by the pod", GATEWAY)).toBe("no entry");
  });

  it("finds a pod that may neither send nor receive, and the pod finds its node", () => {
    expect(answers["node to pod"]).toEqual({ [PROBE]: "passed" });
    expect(found("known to the pod", GATEWAY)).toContain("lladdr");
    expect(found("known to the node", POD)).toContain("lladdr");
  });

  it("finds the way out also for packets that are then stopped", () => {
    expect(answers["pod to elsewhere"]).toEqual({ [OUTWARD]: "stopped" });
    expect(found("known to the pod by itself", GATEWAY)).toContain("lladdr");
  });

  it("finds nobody without the rule for it, and IPv6 is gone", () => {
    expect(Number(answers["rules left out"]!.found)).toBeGreaterThan(0);
    expect(answers["pod to elsewhere, without the rule"]).toEqual({ [OUTWARD]: "stopped" });
    expect(answers["node to pod, without the rule"]).toEqual({ [PROBE]: "IPv4 passed, IPv6 stopped" });
    expect(found("known to the pod without the rule", GATEWAY)).not.toContain("lladdr");
    expect(found("known to the node without the rule", POD)).not.toContain("lladdr");
  });

  it("is the types 133 to 137, and no others", () => {
    const discovery = Object.entries(TYPES).map(([name, type]) => [name, type >= 133 && type <= 137]);
    expect(answers.types).toEqual(
      Object.fromEntries(discovery.map(([name, passes]) => [name, passes ? "passed" : "stopped"])),
    );
    expect(new Set(Object.values(answers["types, no policies"]!))).toEqual(new Set(["passed"]));
  });
});
