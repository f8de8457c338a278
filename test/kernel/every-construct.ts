import type { Program, ProgramChain, ProgramSet } from "../../src/dataplane/program/program.ts";

const set = (
  name: string,
  type: string,
  flags: Partial<ProgramSet>,
  elements: readonly string[],
): ProgramSet => ({
  name,
  kind: "set",
  type,
  interval: false,
  ...flags,
  elements: new Map(elements.map((element) => [element, ""])),
});
const map = (name: string, type: string, elements: Readonly<Record<string, string>>): ProgramSet => ({
  name,
  kind: "map",
  type: `${type} : verdict`,
  interval: false,
  elements: new Map(Object.entries(elements)),
});

const INTERVAL = { interval: true };
const EPHEMERAL = { ephemeral: true } as const;
const FLOW = "inet_proto . inet_service . inet_service";

const SETS: readonly ProgramSet[] = [
  set("node4", "ipv4_addr", {}, ["172.18.0.2", "0.0.0.0", "255.255.255.255"]),
  // The tails that inet_ntop writes as IPv4, and the places where zeros are left out.
  set("node6", "ipv6_addr", {}, [
    "::",
    "::1",
    "::102:304",
    "::1:0",
    "::ffff:102:304",
    "64:ff9b::102:304",
    "fd00:0:0:1::1",
    "fd00:1:1:1:0:1:1:1",
    "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
  ]),
  set("self4", "ipv4_addr . ipv4_addr", {}, ["10.244.1.1 . 10.244.1.1"]),
  set("self6", "ipv6_addr . ipv6_addr", {}, ["::ffff:102:304 . ::ffff:102:304"]),
  set("birth4", "ipv4_addr . inet_proto", INTERVAL, ["10.244.1.0/24 . 0-255"]),
  set("birth6", "ipv6_addr . inet_proto", INTERVAL, ["fd00:10:244:1::/64 . 0-255"]),
  set("elsewhere4", "ipv4_addr", {}, []),
  set("elsewhere6", "ipv6_addr", {}, ["fd00:10:244:1::9"]),
  set("cut4", `ipv4_addr . ipv4_addr . ${FLOW}`, EPHEMERAL, []),
  set("cut6", `ipv6_addr . ipv6_addr . ${FLOW}`, EPHEMERAL, []),
  set("nets_all4", "ipv4_addr . inet_proto", INTERVAL, ["0.0.0.0/0 . 0-255"]),
  set("nets_all6", "ipv6_addr . inet_proto", INTERVAL, ["::/0 . 0-255"]),
  set("nets_some4", "ipv4_addr . inet_proto", INTERVAL, [
    "10.0.0.200/32 . 0-255",
    "10.0.0.1-10.0.0.9 . 0-255",
    "128.0.0.0/1 . 0-255",
    "0.0.0.0-9.255.255.254 . 0-255",
  ]),
  set("nets_some6", "ipv6_addr . inet_proto", INTERVAL, [
    "::-fcff:ffff:ffff:ffff:ffff:ffff:ffff:ffff . 0-255",
    "fd01::1/128 . 0-255",
    "fe80::-fe80::102:304 . 0-255",
    "ffff::/16 . 0-255",
  ]),
  set("ports_all", "inet_proto . inet_service", INTERVAL, [
    "tcp . 80",
    "tcp . 443-445",
    "udp . 0-65535",
    "sctp . 1-65534",
    "tcp . 65535",
  ]),
  map("ingress4", "ipv4_addr", {
    "10.244.1.1": "goto in4_shop-2_db.a_0123abcd",
    "10.244.1.2": "accept",
    "10.244.1.3": "drop",
    "10.244.1.4": "jump deny_ingress",
    "10.244.1.5": "return",
    "10.244.1.6": "continue",
  }),
  map("ingress6", "ipv6_addr", { "::102:304": "accept" }),
  map("egress4", "ipv4_addr", { "10.244.1.2": "goto ingress" }),
  map("egress6", "ipv6_addr", {}),
];

const MATCHES: readonly string[] = [
  "ip saddr @node4",
  "ip daddr @node4",
  "ip6 saddr @node6",
  "ip6 daddr @node6",
  "ip saddr != @elsewhere4",
  "ip6 daddr != @elsewhere6",
  "ip saddr . meta l4proto @nets_all4",
  "ip daddr . meta l4proto @nets_some4",
  "ip6 saddr . meta l4proto @nets_all6",
  "ip6 daddr . meta l4proto @nets_some6",
  "ip saddr . meta l4proto @birth4 ip saddr != @elsewhere4",
  "tcp dport 443",
  "udp dport 1-53",
  "sctp dport 7",
  "meta l4proto tcp",
  "meta l4proto udp",
  "meta l4proto sctp",
  "meta l4proto . th dport @ports_all",
  "meta l4proto != { tcp, udp, sctp }",
  "ip saddr @node4 tcp dport 80",
  "ip6 daddr . meta l4proto @nets_all6 meta l4proto . th dport @ports_all",
  "ip saddr @node4 meta l4proto != { tcp, udp, sctp }",
  "ip saddr . ip daddr @self4",
  "ip6 saddr . ip6 daddr @self6",
  "ip saddr . ip daddr . meta l4proto . th sport . th dport @cut4",
  "ip daddr . ip saddr . meta l4proto . th dport . th sport @cut4",
  "ip6 saddr . ip6 daddr . meta l4proto . th sport . th dport @cut6",
  "ip6 daddr . ip6 saddr . meta l4proto . th dport . th sport @cut6",
  "ct state established,related",
  "fib saddr type local",
  "ip daddr . meta l4proto @birth4 ip daddr != @elsewhere4 fib daddr type != local",
  "icmpv6 type { nd-router-solicit, nd-router-advert, nd-neighbor-solicit, nd-neighbor-advert, nd-redirect }",
];

const ENDS: readonly string[] = [
  "counter accept",
  "counter drop",
  "return",
  "goto deny_ingress",
  "jump deny_ingress",
  "counter accept comment \"TCP/80 from pods, 'quoted' and (more) #1; a:b\"",
  'limit rate 10/second burst 20 packets log prefix "podwall deny ingress" group 86 snaplen 256 counter',
  'limit rate 10/second burst 20 packets log prefix "podwall audit egress" group 86 snaplen 256 counter accept comment "x"',
  'log prefix "podwall allow ingress" group 86 snaplen 256 counter goto deny_ingress',
  "reject with icmpx admin-prohibited",
];

const chain = (name: string, rules: readonly string[], more: Partial<ProgramChain> = {}): ProgramChain => ({
  name,
  ...more,
  rules,
});

const CHAINS: readonly ProgramChain[] = [
  chain("forward", ["ct state established,related accept", "goto egress"], { hook: "forward", comment: "a" }),
  chain("input", ["goto egress"], { hook: "input" }),
  chain("output", ["goto ingress"], { hook: "output" }),
  chain("egress", ["ip saddr vmap @egress4", "ip6 saddr vmap @egress6", "goto ingress"]),
  chain("ingress", ["ip daddr vmap @ingress4", "ip6 daddr vmap @ingress6", "accept"], { comment: "b" }),
  chain("deny_ingress", ["meta l4proto tcp reject with tcp reset", "reject with icmpx admin-prohibited"]),
  chain(
    "in4_shop-2_db.a_0123abcd",
    [...MATCHES, ""].flatMap((match) => ENDS.map((end) => `${match} ${end}`.trim())),
  ),
];

/** A program with everything that the grammar of rules has, and every shape of elements. */
export const EVERY_CONSTRUCT: Program = {
  sets: new Map(SETS.map((each) => [each.name, each])),
  chains: new Map(CHAINS.map((each) => [each.name, each])),
};
