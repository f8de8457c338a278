import { describe, expect, it } from "vitest";
import { ORIGIN } from "../cluster/objects.fixture.ts";
import { ALL_PORTS, type PortSet, portRange, portSetTokens } from "../net/port-set.ts";
import { comparePolicies } from "../policy/policies.ts";
import type { Action, Policy, Rule, Tier } from "../policy/policy.ts";
import { decidePorts } from "./decide.ts";

/** How many peers there are, named by their numbers. */
const PEERS = 3;
const peersOf = new Map<Rule, readonly number[] | undefined>();

const tcp = (first: number, last = first): PortSet => portRange("TCP", first, last);

/** A rule for both directions; without `peers` for everyone. */
function rule(action: Action, ports: PortSet = ALL_PORTS, peers?: readonly number[]): Rule {
  const made: Rule = {
    direction: "ingress",
    index: 0,
    action,
    peers: "everyone",
    ports: [{ kind: "numbers", ports, path: [] }],
    path: [],
  };
  peersOf.set(made, peers);
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
    audit: false,
    origin: ORIGIN,
  };
}

/** What each peer may do, as text. */
function verdicts(policies: readonly Policy[]): string[] {
  const sorted = [...policies].sort(comparePolicies);
  const isolated = sorted.some(({ tier }) => tier === "NetworkPolicy");
  return Array.from({ length: PEERS }, (_, peer) => {
    const matching = sorted.flatMap(({ tier, rules }) =>
      rules.ingress
        .filter((each) => peersOf.get(each)?.includes(peer) ?? true)
        .map((each) => {
          const [match] = each.ports === "all" ? [] : each.ports;
          if (match?.kind !== "numbers") throw new Error("rules of this test have numbers");
          return { tier, action: each.action, ports: match.ports };
        }),
    );
    return portSetTokens(decidePorts(matching, isolated)).join(" ");
  });
}

const NOT_80 = "TCP/1-79 TCP/81-65535 UDP/1-65535 SCTP/1-65535 other";
const all = <T>(value: T): T[] => Array<T>(PEERS).fill(value);
const DENY_ALL = policy("NetworkPolicy", []);

describe("NetworkPolicies", () => {
  it("isolate, and add up", () => {
    expect(verdicts([DENY_ALL])).toEqual(["", "", ""]);
    const first = policy("NetworkPolicy", [rule("Accept", tcp(80), [0])]);
    const second = policy("NetworkPolicy", [rule("Accept", tcp(81), [0, 1]), rule("Accept", tcp(82), [2])]);
    expect(verdicts([first, second, DENY_ALL])).toEqual(["TCP/80-81", "TCP/81", "TCP/82"]);
  });
});

describe("the Admin tier", () => {
  it("lets its first matching rule decide", () => {
    const accept = rule("Accept", tcp(80));
    const deny = rule("Deny", tcp(80));
    expect(verdicts([policy("Admin", [deny, accept])])).toEqual(all(NOT_80));
    expect(verdicts([policy("Admin", [accept, deny])])).toEqual(all("all"));
  });

  it("orders policies by priority, then by name", () => {
    const accept = [rule("Accept", tcp(80))];
    const deny = [rule("Deny", tcp(80))];
    expect(verdicts([policy("Admin", accept, 2), policy("Admin", deny, 1)])).toEqual(all(NOT_80));
    expect(verdicts([policy("Admin", accept, 1), policy("Admin", deny, 2)])).toEqual(all("all"));
    expect(verdicts([policy("Admin", accept, 1, "b"), policy("Admin", deny, 1, "a")])).toEqual(all(NOT_80));
  });

  it("accepts over the head of a NetworkPolicy that denies, and denies what one accepts", () => {
    expect(verdicts([policy("Admin", [rule("Accept", tcp(80), [1])]), DENY_ALL])).toEqual(["", "TCP/80", ""]);
    const open = policy("NetworkPolicy", [rule("Accept")]);
    expect(verdicts([policy("Admin", [rule("Deny", tcp(80), [1])]), open])).toEqual(["all", NOT_80, "all"]);
  });

  it("leaves what it passes to the NetworkPolicies, past its own later rules", () => {
    const admin = policy("Admin", [rule("Pass", tcp(80), [0]), rule("Deny", tcp(1, 100))]);
    const accepting = policy("NetworkPolicy", [rule("Accept", tcp(1, 100))]);
    expect(verdicts([admin, accepting])).toEqual(["TCP/80", "", ""]);
    expect(verdicts([admin, DENY_ALL])).toEqual(["", "", ""]);
    const later = policy("Admin", [rule("Accept", tcp(80))], 5);
    expect(verdicts([admin, later, DENY_ALL])).toEqual(["", "", ""]);
  });

  it("leaves what it passes to the Baseline of pods that are not isolated", () => {
    const admin = policy("Admin", [rule("Pass", tcp(80), [0]), rule("Accept", tcp(80))]);
    const baseline = policy("Baseline", [rule("Deny")]);
    expect(verdicts([admin, baseline])).toEqual(["", "TCP/80", "TCP/80"]);
  });
});

describe("the Baseline tier", () => {
  it("speaks where no NetworkPolicy isolates, and its first matching rule decides", () => {
    const baseline = policy("Baseline", [rule("Accept", tcp(80), [1]), rule("Deny")]);
    expect(verdicts([baseline])).toEqual(["", "TCP/80", ""]);
    expect(verdicts([policy("Baseline", [rule("Deny", tcp(80))])])).toEqual(all(NOT_80));
  });

  it("is not asked for isolated pods", () => {
    const deny = policy("Baseline", [rule("Deny")]);
    expect(verdicts([deny, policy("NetworkPolicy", [rule("Accept", tcp(80))])])).toEqual(all("TCP/80"));
    expect(verdicts([policy("Baseline", [rule("Accept")]), DENY_ALL])).toEqual(["", "", ""]);
  });

  it("passes to nothing, which allows", () => {
    expect(verdicts([policy("Baseline", [rule("Pass", tcp(80)), rule("Deny")])])).toEqual(all("TCP/80"));
  });
});

describe("no policy", () => {
  it("allows everything", () => {
    expect(verdicts([])).toEqual(all("all"));
  });
});
