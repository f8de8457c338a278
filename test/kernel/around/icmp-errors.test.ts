// ICMP errors: those about a connection that was allowed get through to who has to know, whatever the policies; those
// about none are judged as what they are, packets of strangers.
import { beforeAll, expect, it } from "vitest";
import { describeKernel } from "../kernel-support.ts";
import { denyAll, node, pod, policy } from "./manifests.ts";
import { ICMP, ICMPV6, icmp, ipPacket, UDP, udp } from "./packets.ts";
import { type Answers, runAround, type Shot, type Step, type Transfer } from "./steps.ts";

const STRANGER = { 4: "203.0.113.9", 6: "2001:db8::9" } as const;
const CLOSED = { 4: "10.244.1.2", 6: "fd00:10:244:1::2" } as const;
const OPEN = { 4: "10.244.1.3", 6: "fd00:10:244:1::3" } as const;
const CLUSTER = [
  node("one", "172.18.0.1", "fd00:18::1"),
  node("two", "172.18.0.2", "fd00:18::2"),
  node("three", "172.18.0.3", "fd00:18::3"),
  pod("client", "client", "one", ["10.244.1.1", "fd00:10:244:1::1"]),
  pod("closed", "closed", "one", Object.values(CLOSED)),
  pod("open", "open", "one", Object.values(OPEN)),
  pod("narrow", "server", "two", ["10.244.2.1", "fd00:10:244:2::1"]),
  pod("other", "server", "three", ["10.244.3.1", "fd00:10:244:3::1"]),
].join("");
const POLICIES = [
  denyAll("closed"),
  policy(
    "client",
    "client",
    "{policyTypes: [Ingress, Egress], egress: [{to: [{podSelector: {matchLabels: {role: server}}}]}]}",
  ),
].join("");

const FAMILIES = [4, 6] as const;
const BYTES = 500_000;
const transfers = (to: string, port: number): Transfer[] =>
  FAMILIES.map((family) => ({ name: `IPv${family}`, from: "shop/client", to, family, port, bytes: BYTES }));
const UNREACHABLE = "shop/client -> shop/narrow UDP 9999";

/** Between the fabric and a node; the fabric needs addresses to send errors from. */
const narrowLink: Step = {
  run: "node:one",
  argv: [
    "sh",
    "-ec",
    `ip -n fabric address add 198.18.0.1/32 dev lo
     ip -n fabric address add 2001:2::1/128 dev lo
     device=$(ip -n fabric -o route get 172.18.0.2 | sed 's/.* dev \\([^ ]*\\).*/\\1/')
     ip -n fabric link set "$device" mtu 1300`,
  ],
};
const narrowUplink: Step = { run: "node:one", argv: ["ip", "link", "set", "eth0", "mtu", "1400"] };
const learned = (address: string, as: string): Step => ({
  run: "shop/client",
  argv: ["ip", "route", "get", address],
  as,
});
const forget: Step = {
  run: "shop/client",
  argv: ["sh", "-ec", "ip route flush cache; ip -6 route flush cache"],
};

/** An error about a packet that its receiver never sent. */
function unasked(family: 4 | 6, to: "closed" | "open", type: number, code: number, word: number): Shot {
  const name = `IPv${family} ${type}/${code}`;
  const marker = `${to} ${name};`;
  const [from, at] = [STRANGER[family], (to === "closed" ? CLOSED : OPEN)[family]];
  const protocol = family === 4 ? ICMP : ICMPV6;
  const quoted = ipPacket(at, from, UDP, udp(at, from, 31_000, 443, Buffer.from(marker)));
  const packet = ipPacket(from, at, protocol, icmp(from, at, type, code, word, quoted));
  const packets = [packet.toString("base64")];
  return { name, from, at: `shop/${to}`, family, protocol, packets, marker };
}
/** Unreachable host and port, too big, time exceeded. */
const unaskedOf = (to: "closed" | "open"): Shot[] => [
  unasked(4, to, 3, 1, 0),
  unasked(4, to, 3, 3, 0),
  unasked(4, to, 3, 4, 1300),
  unasked(4, to, 11, 0, 0),
  unasked(6, to, 1, 3, 0),
  unasked(6, to, 1, 4, 0),
  unasked(6, to, 2, 0, 1300),
  unasked(6, to, 3, 0, 0),
];

describeKernel("ICMP errors", () => {
  let answers: Answers;
  beforeAll(async () => {
    answers = await runAround(
      [
        { state: CLUSTER + POLICIES },
        { shots: unaskedOf("closed"), as: "unasked, closed" },
        { shots: unaskedOf("open"), as: "unasked, open" },
        narrowLink,
        { transfers: transfers("shop/narrow", 7001), as: "narrow link" },
        learned("10.244.2.1", "learned, IPv4"),
        learned("fd00:10:244:2::1", "learned, IPv6"),
        narrowUplink,
        { transfers: transfers("shop/other", 7002), as: "narrow uplink" },
        learned("10.244.3.1", "learned of the uplink, IPv4"),
        learned("fd00:10:244:3::1", "learned of the uplink, IPv6"),
        { probes: [UNREACHABLE], as: "unreachable" },
        forget,
        {
          copyTable: "node:one",
          name: "without-related",
          pattern: "ct state established,related accept",
          replacement: "ct state established accept",
          as: "rules changed",
        },
        { transfers: transfers("shop/narrow", 7003), as: "narrow link, errors judged" },
        { probes: [UNREACHABLE], as: "unreachable, errors judged" },
        { state: CLUSTER },
        { run: "node:one", argv: ["nft", "delete", "table", "inet", "without-related"] },
        { shots: unaskedOf("closed"), as: "unasked, no policies" },
      ],
      Object.values(STRANGER),
    );
  });
  const WHOLE = { IPv4: String(BYTES), IPv6: String(BYTES) };

  it("of a narrow link behind the node reach an isolated sender: the transfer ends, and its size is known", () => {
    expect(answers["narrow link"]).toEqual(WHOLE);
    expect(answers["learned, IPv4"]!.stdout).toContain("mtu 1300");
    expect(answers["learned, IPv6"]!.stdout).toContain("mtu 1300");
  });

  it("of the node itself do too", () => {
    expect(answers["narrow uplink"]).toEqual(WHOLE);
    expect(answers["learned of the uplink, IPv4"]!.stdout).toContain("mtu 1400");
    expect(answers["learned of the uplink, IPv6"]!.stdout).toContain("mtu 1400");
  });

  it("of the receiver do too", () => {
    expect(answers.unreachable).toEqual({ [UNREACHABLE]: "refused" });
  });

  it("would be missed: where they are judged, the transfer is stuck and the refusal unheard", () => {
    expect(Number(answers["rules changed"]!.found)).toBeGreaterThan(0);
    const { IPv4, IPv6 } = answers["narrow link, errors judged"]!;
    expect(Number(IPv4)).toBeLessThan(BYTES);
    expect(Number(IPv6)).toBeLessThan(BYTES);
    expect(answers["unreachable, errors judged"]).toEqual({ [UNREACHABLE]: "stopped" });
  });

  it("that belong to no connection do not enter an isolated pod, but an open one", () => {
    expect(new Set(Object.values(answers["unasked, closed"]!))).toEqual(new Set(["stopped"]));
    expect(new Set(Object.values(answers["unasked, open"]!))).toEqual(new Set(["passed"]));
    expect(new Set(Object.values(answers["unasked, no policies"]!))).toEqual(new Set(["passed"]));
  });
});
