import { describe, expect, it } from "vitest";
import { ORIGIN } from "../cluster/objects.fixture.ts";
import type { ContainerPort } from "../k8s/objects.ts";
import { addBit, type Bitset, emptyBitset } from "../net/bitset.ts";
import { portRange, portSetTokens, type Transport } from "../net/port-set.ts";
import { comparePolicies } from "../policy/policies.ts";
import type { Action, Policy, PortMatch, Rule, Tier } from "../policy/policy.ts";
import type { PodClass } from "./classes.ts";
import { decideRow, portsAt, type Row, uniformRow } from "./row.ts";

// Atoms 0 and 1 are pod classes, 2 is a range of addresses.
const ATOMS = 3;
const peers = new Map<Rule, Bitset>();

const tcp = (first: number, last = first): PortMatch => ({
  kind: "numbers",
  ports: portRange("TCP", first, last),
  path: [],
});
const named = (name: string, protocol: Transport = "TCP"): PortMatch => ({
  kind: "name",
  protocol,
  name,
  path: [],
});

/** A rule for both directions; without `atoms` for everyone. */
function rule(action: Action, ports: Rule["ports"] = "all", atoms?: readonly number[]): Rule {
  const made: Rule = {
    direction: "ingress",
    index: 0,
    action,
    peers: atoms === undefined ? "everyone" : [],
    ports,
    path: [],
  };
  const set = emptyBitset(ATOMS);
  for (const atom of atoms ?? []) addBit(set, atom);
  peers.set(made, set);
  return made;
}

function policy(tier: Tier, rules: readonly Rule[], priority = 0, id = "p"): Policy {
  return {
    kind: tier === "NetworkPolicy" ? "NetworkPolicy" : "ClusterNetworkPolicy",
    id,
    tier,
    priority,
    subject: { namespaces: { kind: "selector", selector: {} }, pods: {} },
    isolates: { ingress: tier === "NetworkPolicy", egress: tier === "NetworkPolicy" },
    rules: { ingress: rules, egress: rules },
    broken: false,
    origin: ORIGIN,
  };
}

function podClass(index: number, namedPorts: readonly ContainerPort[]): PodClass {
  return { index, key: String(index), namespace: "shop", labels: {}, namedPorts, range: 0, pods: [] };
}

const CLASSES = [
  podClass(0, [{ name: "web", protocol: "TCP", port: 8080 }]),
  podClass(1, [
    { name: "web", protocol: "TCP", port: 9090 },
    { name: "web", protocol: "UDP", port: 53 },
  ]),
];

function decide(policies: readonly Policy[], direction: "ingress" | "egress" = "ingress"): Row {
  return decideRow({
    direction,
    policies: [...policies].sort(comparePolicies),
    podClass: CLASSES[0]!,
    classes: CLASSES,
    atomCount: ATOMS,
    peersOf: (each) => (each.peers === "everyone" ? "everyone" : peers.get(each)!),
  });
}

/** What each atom may do, as text. */
function verdicts(policies: readonly Policy[], direction: "ingress" | "egress" = "ingress"): string[] {
  const row = decide(policies, direction);
  return Array.from({ length: ATOMS }, (_, atom) => portSetTokens(portsAt(row, atom)).join(" "));
}

const NOT_80 = "TCP/1-79 TCP/81-65535 UDP/1-65535 SCTP/1-65535 other";
const all = <T>(value: T): T[] => Array<T>(ATOMS).fill(value);
const DENY_ALL = policy("NetworkPolicy", []);

describe("NetworkPolicies", () => {
  it("isolate, and add up", () => {
    expect(verdicts([DENY_ALL])).toEqual(["", "", ""]);
    const first = policy("NetworkPolicy", [rule("Accept", [tcp(80)], [0])]);
    const second = policy("NetworkPolicy", [
      rule("Accept", [tcp(81)], [0, 1]),
      rule("Accept", [tcp(82)], [2]),
    ]);
    expect(verdicts([first, second, DENY_ALL])).toEqual(["TCP/80-81", "TCP/81", "TCP/82"]);
    expect(decide([DENY_ALL]).isolated).toBe(true);
  });

  it("resolve a named port on the subject for ingress and on the peer for egress", () => {
    const policies = [policy("NetworkPolicy", [rule("Accept", [named("web")])])];
    expect(verdicts(policies, "ingress")).toEqual(all("TCP/8080"));
    expect(verdicts(policies, "egress")).toEqual(["TCP/8080", "TCP/9090", ""]);
    const udp = [policy("NetworkPolicy", [rule("Accept", [named("web", "UDP"), tcp(1)])])];
    expect(verdicts(udp, "ingress")).toEqual(all("TCP/1"));
    expect(verdicts(udp, "egress")).toEqual(["TCP/1", "TCP/1 UDP/53", "TCP/1"]);
  });
});

describe("the Admin tier", () => {
  it("lets its first matching rule decide", () => {
    const accept = rule("Accept", [tcp(80)]);
    const deny = rule("Deny", [tcp(80)]);
    expect(verdicts([policy("Admin", [deny, accept])])).toEqual(all(NOT_80));
    expect(verdicts([policy("Admin", [accept, deny])])).toEqual(all("all"));
  });

  it("orders policies by priority, then by name", () => {
    const accept = [rule("Accept", [tcp(80)])];
    const deny = [rule("Deny", [tcp(80)])];
    expect(verdicts([policy("Admin", accept, 2), policy("Admin", deny, 1)])).toEqual(all(NOT_80));
    expect(verdicts([policy("Admin", accept, 1), policy("Admin", deny, 2)])).toEqual(all("all"));
    expect(verdicts([policy("Admin", accept, 1, "b"), policy("Admin", deny, 1, "a")])).toEqual(all(NOT_80));
  });

  it("accepts over the head of a NetworkPolicy that denies, and denies what one accepts", () => {
    expect(verdicts([policy("Admin", [rule("Accept", [tcp(80)], [1])]), DENY_ALL])).toEqual([
      "",
      "TCP/80",
      "",
    ]);
    const open = policy("NetworkPolicy", [rule("Accept")]);
    expect(verdicts([policy("Admin", [rule("Deny", [tcp(80)], [1])]), open])).toEqual(["all", NOT_80, "all"]);
  });

  it("leaves what it passes to the NetworkPolicies, past its own later rules", () => {
    const admin = policy("Admin", [rule("Pass", [tcp(80)], [0]), rule("Deny", [tcp(1, 100)])]);
    const accepting = policy("NetworkPolicy", [rule("Accept", [tcp(1, 100)])]);
    expect(verdicts([admin, accepting])).toEqual(["TCP/80", "", ""]);
    expect(verdicts([admin, DENY_ALL])).toEqual(["", "", ""]);
    const later = policy("Admin", [rule("Accept", [tcp(80)])], 5);
    expect(verdicts([admin, later, DENY_ALL])).toEqual(["", "", ""]);
  });

  it("leaves what it passes to the Baseline of pods that are not isolated", () => {
    const admin = policy("Admin", [rule("Pass", [tcp(80)], [0]), rule("Accept", [tcp(80)])]);
    const baseline = policy("Baseline", [rule("Deny")]);
    expect(verdicts([admin, baseline])).toEqual(["", "TCP/80", "TCP/80"]);
  });

  it("does not isolate", () => {
    expect(decide([policy("Admin", [rule("Deny")])]).isolated).toBe(false);
  });
});

describe("the Baseline tier", () => {
  it("speaks where no NetworkPolicy isolates, and its first matching rule decides", () => {
    const baseline = policy("Baseline", [rule("Accept", [tcp(80)], [1]), rule("Deny")]);
    expect(verdicts([baseline])).toEqual(["", "TCP/80", ""]);
    expect(verdicts([policy("Baseline", [rule("Deny", [tcp(80)])])])).toEqual(all(NOT_80));
  });

  it("is not asked for isolated pods", () => {
    const deny = policy("Baseline", [rule("Deny")]);
    expect(verdicts([deny, policy("NetworkPolicy", [rule("Accept", [tcp(80)])])])).toEqual(all("TCP/80"));
    expect(verdicts([policy("Baseline", [rule("Accept")]), DENY_ALL])).toEqual(["", "", ""]);
  });

  it("passes to nothing, which allows", () => {
    expect(verdicts([policy("Baseline", [rule("Pass", [tcp(80)]), rule("Deny")])])).toEqual(all("TCP/80"));
  });
});

describe("a row", () => {
  it("keeps each set once", () => {
    const row = decide([policy("NetworkPolicy", [rule("Accept", [tcp(80)], [0, 2])])]);
    expect(row.portSets.map(({ key }) => key)).toEqual(["TCP/80", ""]);
    expect([...row.cells]).toEqual([0, 1, 0]);
    expect(portsAt(uniformRow(2, portRange("TCP", 5)), 1).key).toBe("TCP/5");
  });

  it("allows everything where there is no policy", () => {
    expect(verdicts([])).toEqual(all("all"));
  });
});
