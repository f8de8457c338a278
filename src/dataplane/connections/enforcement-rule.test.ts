import { describe, expect, it } from "vitest";
import { buildCluster } from "../../cluster/build.ts";
import type { Cluster } from "../../cluster/cluster.ts";
import { namespaceObject, nodeObject, podObject, policyObject } from "../../cluster/objects.fixture.ts";
import type { KubernetesObject, NetworkPolicy } from "../../k8s/objects.ts";
import { formatAddress, parseAddress } from "../../net/address.ts";
import { parseCidr } from "../../net/cidr.ts";
import type { Traffic } from "../../net/port-set.ts";
import { DEFAULT_ENFORCEMENT, type EnforcementConfig } from "../config.ts";
import { createPolicyEngines } from "../policy-engines.ts";
import { isUnknownPod, type NodePlace, type Stop, stopOf } from "./enforcement-rule.ts";

const CLIENT = "10.244.1.1";
const SERVER = "10.244.1.2";
/** A pod of node two, where it belongs, and one that has an address of the range of node one. */
const FAR = "10.244.2.1";
const STRAY = "10.244.1.77";
const UNKNOWN = "10.244.1.99";
const OUTSIDE = "203.0.113.9";
const NODE_ONE = "172.18.0.1";
const NODE_TWO = "172.18.0.2";
/** An address of an interface of node one that no Node object tells, as of a bridge. */
const BRIDGE = "10.244.1.254";

const HTTP: Traffic = { protocol: "TCP", port: 80 };
const OTHER: Traffic = { protocol: "other" };

const pod = (name: string, node: string, ...addresses: string[]) =>
  podObject(name, { labels: { role: name }, nodeName: node, addresses });
const about = (role: string): NetworkPolicy["spec"] => ({ podSelector: { matchLabels: { role } } });
const from = (role: string) => [{ podSelector: { matchLabels: { role } } }];
const INGRESS_CLOSED = policyObject("in", { ...about("server"), policyTypes: ["Ingress"] });
const EGRESS_CLOSED = policyObject("out", { ...about("client"), policyTypes: ["Egress"] });
const BY_INGRESS: Stop = { kind: "policy", direction: "ingress" };
const BY_EGRESS: Stop = { kind: "policy", direction: "egress" };

function clusterOf(...policies: readonly NetworkPolicy[]): Cluster {
  const objects: KubernetesObject[] = [
    nodeObject("one", NODE_ONE, "fd00:18::1"),
    nodeObject("two", NODE_TWO, "fd00:18::2"),
    namespaceObject("shop"),
    pod("client", "one", CLIENT, "fd00:1::1"),
    pod("server", "one", SERVER, "fd00:1::2"),
    pod("far", "two", FAR, "fd00:2::1"),
    pod("stray", "two", STRAY),
    podObject("agent", { labels: { role: "agent" }, nodeName: "two", hostNetwork: true }),
    ...policies,
  ];
  const { cluster, findings } = buildCluster(objects, {});
  expect(findings.filter(({ severity }) => severity === "error")).toEqual([]);
  const ranges = (...texts: string[]) => texts.map((text) => parseCidr(text)!.cidr);
  const podRanges = new Map([
    ["one", ranges("10.244.1.0/24", "fd00:1::/64")],
    ["two", ranges("10.244.2.0/24", "fd00:2::/64")],
  ]);
  const nodes = new Map(
    [...cluster.nodes].map(([name, node]) => [name, { ...node, podRanges: podRanges.get(name)! }]),
  );
  return { ...cluster, nodes };
}

function placeOf(
  policies: readonly NetworkPolicy[],
  more: { node?: string; config?: Partial<EnforcementConfig>; alsoKnown?: readonly string[] } = {},
): NodePlace {
  const { node = "one", config = {}, alsoKnown = [] } = more;
  const own =
    node === "one" ? [NODE_ONE, "fd00:18::1", BRIDGE, "127.0.0.1"] : [NODE_TWO, "fd00:18::2", "127.0.0.1"];
  return {
    engines: createPolicyEngines(clusterOf(...policies)),
    node,
    config: { ...DEFAULT_ENFORCEMENT, ...config },
    alsoKnown: alsoKnown.map((text) => parseAddress(text)!),
    ownAddresses: () => new Set(own),
  };
}

const stop = (
  place: NodePlace,
  source: string,
  destination: string,
  traffic: Traffic = HTTP,
): Stop | undefined => stopOf(place, parseAddress(source)!, parseAddress(destination)!, traffic);
const audited = (policy: NetworkPolicy): NetworkPolicy => ({ ...policy, audit: true });

describe("stopOf", () => {
  it("stops nothing that no policy is about", () => {
    const place = placeOf([]);
    for (const [source, destination] of [
      [CLIENT, SERVER],
      [OUTSIDE, SERVER],
      [CLIENT, OUTSIDE],
      [FAR, CLIENT],
      [OUTSIDE, FAR],
    ] as const) {
      expect(stop(place, source, destination), `${source} > ${destination}`).toBeUndefined();
    }
  });

  it.each([
    ["IPv4", CLIENT, SERVER, OUTSIDE],
    ["IPv6", "fd00:1::1", "fd00:1::2", "2001:db8::9"],
  ])("tells the direction that a policy stops, %s", (_, client, server, outside) => {
    const ingress = placeOf([INGRESS_CLOSED]);
    expect(stop(ingress, client, server)).toEqual(BY_INGRESS);
    expect(stop(ingress, outside, server)).toEqual(BY_INGRESS);
    expect(stop(ingress, server, client)).toBeUndefined();
    const egress = placeOf([EGRESS_CLOSED]);
    expect(stop(egress, client, server)).toEqual(BY_EGRESS);
    expect(stop(egress, client, outside)).toEqual(BY_EGRESS);
    expect(stop(egress, server, client)).toBeUndefined();
  });

  it("tells egress where both directions are stopped: the packet never comes to the other", () => {
    expect(stop(placeOf([INGRESS_CLOSED, EGRESS_CLOSED]), CLIENT, SERVER)).toEqual(BY_EGRESS);
  });

  it("goes by protocol and port", () => {
    const place = placeOf([
      policyObject("http", {
        ...about("server"),
        ingress: [{ from: from("client"), ports: [{ protocol: "TCP", port: 80 }] }],
      }),
    ]);
    expect(stop(place, CLIENT, SERVER)).toBeUndefined();
    expect(stop(place, CLIENT, SERVER, { protocol: "TCP", port: 81 })).toEqual(BY_INGRESS);
    expect(stop(place, CLIENT, SERVER, { protocol: "UDP", port: 80 })).toEqual(BY_INGRESS);
    expect(stop(place, CLIENT, SERVER, { protocol: "SCTP", port: 80 })).toEqual(BY_INGRESS);
    expect(stop(place, CLIENT, SERVER, OTHER)).toEqual(BY_INGRESS);
    expect(stop(place, FAR, SERVER)).toEqual(BY_INGRESS);
  });

  it("lets other protocols pass only where a rule has no ports", () => {
    const place = placeOf([policyObject("all", { ...about("server"), ingress: [{ from: from("client") }] })]);
    expect(stop(place, CLIENT, SERVER, OTHER)).toBeUndefined();
    expect(stop(place, FAR, SERVER, OTHER)).toEqual(BY_INGRESS);
  });

  it("judges only pods of the node itself", () => {
    const policies = [
      policyObject("far-in", { ...about("far"), policyTypes: ["Ingress"] }),
      policyObject("far-out", { ...about("far"), policyTypes: ["Egress"] }),
    ];
    expect(stop(placeOf(policies), CLIENT, FAR)).toBeUndefined();
    expect(stop(placeOf(policies), FAR, SERVER)).toBeUndefined();
    const two = placeOf(policies, { node: "two" });
    expect(stop(two, CLIENT, FAR)).toEqual(BY_INGRESS);
    expect(stop(two, FAR, SERVER)).toEqual(BY_EGRESS);
  });

  it("lets a pod reach itself", () => {
    const place = placeOf([
      INGRESS_CLOSED,
      policyObject("server-out", { ...about("server"), policyTypes: ["Egress"] }),
    ]);
    expect(stop(place, SERVER, SERVER)).toBeUndefined();
    expect(stop(place, SERVER, CLIENT)).toEqual(BY_EGRESS);
  });

  describe("of the node's own addresses", () => {
    it.each([NODE_ONE, BRIDGE])("lets pass all that is from %s", (own) => {
      const place = placeOf([INGRESS_CLOSED]);
      expect(stop(place, own, SERVER)).toBeUndefined();
      // Not even an end that nobody knows is looked at.
      expect(stop(place, own, UNKNOWN)).toBeUndefined();
    });

    it.each([NODE_ONE, BRIDGE])("judges what a pod sends to %s, and nothing more", (own) => {
      expect(stop(placeOf([EGRESS_CLOSED]), CLIENT, own)).toEqual(BY_EGRESS);
      expect(stop(placeOf([EGRESS_CLOSED]), SERVER, own)).toBeUndefined();
    });

    it("makes no exception for those of another node", () => {
      expect(stop(placeOf([INGRESS_CLOSED]), NODE_TWO, SERVER)).toEqual(BY_INGRESS);
    });
  });

  it("takes a host-network pod for its node, whatever policies say of its labels", () => {
    const agent = [
      policyObject("agent", { ...about("agent"), policyTypes: ["Ingress", "Egress"] }),
      policyObject("from-agent", { ...about("server"), ingress: [{ from: from("agent") }] }),
    ];
    expect(stop(placeOf(agent, { node: "two" }), CLIENT, NODE_TWO)).toBeUndefined();
    expect(stop(placeOf(agent, { node: "two" }), NODE_TWO, OUTSIDE)).toBeUndefined();
    expect(stop(placeOf(agent), NODE_TWO, SERVER)).toEqual(BY_INGRESS);
    const block = policyObject("block", {
      ...about("server"),
      ingress: [{ from: [{ ipBlock: { cidr: `${NODE_TWO}/32` } }] }],
    });
    expect(stop(placeOf([block]), NODE_TWO, SERVER)).toBeUndefined();
  });

  describe("of an address of the node's pod range that is no known pod's", () => {
    it("stops both ways, at either end", () => {
      const place = placeOf([]);
      expect(stop(place, UNKNOWN, SERVER)).toEqual({ kind: "unknown-pod", direction: "egress" });
      expect(stop(place, UNKNOWN, OUTSIDE)).toEqual({ kind: "unknown-pod", direction: "egress" });
      expect(stop(place, OUTSIDE, UNKNOWN)).toEqual({ kind: "unknown-pod", direction: "ingress" });
      expect(stop(place, "2001:db8::9", "fd00:1::99")).toEqual({ kind: "unknown-pod", direction: "ingress" });
    });

    it("asks first what a policy says of the sender", () => {
      expect(stop(placeOf([EGRESS_CLOSED]), CLIENT, UNKNOWN)).toEqual(BY_EGRESS);
    });

    it("is the same in audit mode: only policies are on trial", () => {
      const place = placeOf([], { config: { audit: true } });
      expect(stop(place, OUTSIDE, UNKNOWN)).toEqual({ kind: "unknown-pod", direction: "ingress" });
    });
  });

  describe("in audit mode", () => {
    it("of the node stops nothing for a policy", () => {
      const place = placeOf([INGRESS_CLOSED, EGRESS_CLOSED], { config: { audit: true } });
      expect(stop(place, CLIENT, SERVER)).toBeUndefined();
    });

    it("of a policy stops nothing for that policy", () => {
      expect(stop(placeOf([audited(INGRESS_CLOSED)]), CLIENT, SERVER)).toBeUndefined();
    });

    it("of a policy stops what another denies", () => {
      expect(stop(placeOf([audited(INGRESS_CLOSED), EGRESS_CLOSED]), CLIENT, SERVER)).toEqual(BY_EGRESS);
      const both = [audited(INGRESS_CLOSED), { ...INGRESS_CLOSED, name: "in-force" }];
      expect(stop(placeOf(both), CLIENT, SERVER)).toEqual(BY_INGRESS);
    });

    it("of a policy lets pass what only that policy allows: it is in force for what it admits", () => {
      const admits = audited(
        policyObject("admits", { ...about("server"), ingress: [{ from: from("client") }] }),
      );
      const place = placeOf([INGRESS_CLOSED, admits]);
      expect(stop(place, CLIENT, SERVER)).toBeUndefined();
      expect(stop(place, FAR, SERVER)).toEqual(BY_INGRESS);
    });

    it("of a policy ends with it", () => {
      const place = placeOf([audited(INGRESS_CLOSED)]);
      place.engines.apply([{ kind: "policy-set", policy: INGRESS_CLOSED }]);
      expect(place.engines.unaudited).toBeUndefined();
      expect(stop(place, CLIENT, SERVER)).toEqual(BY_INGRESS);
    });
  });
});

describe("isUnknownPod", () => {
  const unknown = (place: NodePlace, ...texts: string[]): string[] =>
    texts
      .map((text) => parseAddress(text)!)
      .filter((each) => isUnknownPod(place, each))
      .map(formatAddress);
  const ALL = [CLIENT, STRAY, UNKNOWN, "fd00:1::99", FAR, "10.244.2.99", OUTSIDE, NODE_ONE];

  it("is what the node's own range has, and no pod of any node", () => {
    expect(unknown(placeOf([]), ...ALL)).toEqual([UNKNOWN, "fd00:1::99"]);
    expect(unknown(placeOf([], { node: "two" }), ...ALL)).toEqual(["10.244.2.99"]);
  });

  it("is not who is known otherwise", () => {
    expect(unknown(placeOf([], { alsoKnown: [UNKNOWN] }), ...ALL)).toEqual(["fd00:1::99"]);
    expect(unknown(placeOf([], { alsoKnown: ["fd00:1:0::99"] }), ...ALL)).toEqual([UNKNOWN]);
  });

  it("is nobody where new pods are not closed, and on a node without a range", () => {
    expect(unknown(placeOf([], { config: { closedAtBirth: false } }), ...ALL)).toEqual([]);
    expect(unknown(placeOf([], { node: "three" }), ...ALL)).toEqual([]);
  });

  it("is a pod no longer when it is known, and again when it is gone", () => {
    const place = placeOf([]);
    const { engine } = place.engines;
    const client = engine.cluster.pods.find(({ name }) => name === "client")!;
    const late = { ...client, id: "shop/late", name: "late", addresses: { 4: parseAddress(UNKNOWN)! } };
    place.engines.apply([{ kind: "pod-set", pod: late }]);
    expect(unknown(place, ...ALL)).toEqual(["fd00:1::99"]);
    place.engines.apply([{ kind: "pod-removed", id: late.id }]);
    expect(unknown(place, ...ALL)).toEqual([UNKNOWN, "fd00:1::99"]);
  });
});
