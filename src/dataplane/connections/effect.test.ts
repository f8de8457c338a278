import { describe, expect, it } from "vitest";
import { buildCluster } from "../../cluster/build.ts";
import type { Cluster } from "../../cluster/cluster.ts";
import { clusterChanges } from "../../cluster/diff.ts";
import {
  clusterPolicyObject,
  namespaceObject,
  nodeObject,
  podObject,
  policyObject,
} from "../../cluster/objects.fixture.ts";
import type { KubernetesObject, NetworkPolicySpec } from "../../k8s/objects.ts";
import { parseCidr } from "../../net/cidr.ts";
import { createNodeProgram } from "../compile/node-program.ts";
import { createPolicyEngines } from "../policy-engines.ts";
import { isEmptyChange, type ProgramChain, type ProgramChange, type ProgramSet } from "../program/program.ts";
import { mayForbid } from "./effect.ts";

const NOTHING: ProgramChange = {
  addedChains: [],
  removedChains: [],
  changedChains: [],
  addedSets: [],
  removedSets: [],
  changedSets: [],
};
const CHAIN: ProgramChain = { name: "in4_shop_db_00000000", rules: ["accept"] };
const set = (name: string): ProgramSet => ({
  name,
  kind: "set",
  type: "ipv4_addr",
  interval: false,
  elements: new Map(),
});
const ELEMENT = ["10.0.0.1", ""] as const;
const added = (name: string): ProgramChange => ({
  ...NOTHING,
  changedSets: [{ set: set(name), deleted: [], added: [ELEMENT] }],
});
const deleted = (name: string): ProgramChange => ({
  ...NOTHING,
  changedSets: [{ set: set(name), deleted: [ELEMENT], added: [] }],
});

describe("mayForbid", () => {
  it("is false of no change", () => {
    expect(mayForbid(NOTHING)).toBe(false);
  });

  it.each(["peers_0123abcd", "unaudited_0123abcd", "elsewhere4", "elsewhere6"])(
    "is false where %s has one more, and true where it has one less",
    (name) => {
      expect(mayForbid(added(name))).toBe(false);
      expect(mayForbid(deleted(name))).toBe(true);
    },
  );

  it.each([
    // Whoever comes into it may do less than the range around it.
    "lesser_0123abcd",
    "unaudited_lesser_0123abcd",
    "nets_0123abcd",
    "ports_0123abcd",
    "self4",
    "birth4",
    "birth6",
    "ingress4",
    "egress6",
  ])("is true where %s has one more or one less", (name) => {
    expect(mayForbid(added(name))).toBe(true);
    expect(mayForbid(deleted(name))).toBe(true);
  });

  it("is true where one of many sets may forbid", () => {
    const changedSets = [...added("peers_1").changedSets, ...deleted("peers_2").changedSets];
    expect(mayForbid({ ...NOTHING, changedSets })).toBe(true);
    expect(mayForbid({ ...NOTHING, changedSets: [...changedSets].reverse() })).toBe(true);
  });

  it.each(["addedChains", "removedChains", "changedChains"] as const)("is true of %s", (what) => {
    expect(mayForbid({ ...NOTHING, [what]: [CHAIN] })).toBe(true);
  });

  it.each(["addedSets", "removedSets"] as const)("is true of %s", (what) => {
    expect(mayForbid({ ...NOTHING, [what]: [set("peers_0123abcd")] })).toBe(true);
  });
});

/** What a node's program says of the way from one cluster to another. */
function forbids(before: readonly KubernetesObject[], after: readonly KubernetesObject[]): boolean {
  const engines = createPolicyEngines(clusterOf(before));
  const program = createNodeProgram(engines.engine, "one");
  program.setUnaudited(engines.unaudited);
  program.update();
  engines.apply(clusterChanges(engines.engine.cluster, clusterOf(after)));
  program.setUnaudited(engines.unaudited);
  const change = program.update();
  // Otherwise the answer would be about nothing.
  expect(isEmptyChange(change)).toBe(false);
  program.close();
  return mayForbid(change);
}

function clusterOf(objects: readonly KubernetesObject[]): Cluster {
  const { cluster } = buildCluster(
    [namespaceObject("shop"), nodeObject("one", "172.18.0.1"), ...objects],
    {},
  );
  const podRanges = [parseCidr("10.244.1.0/24")!.cidr];
  const nodes = new Map([...cluster.nodes].map(([name, node]) => [name, { ...node, podRanges }]));
  return { ...cluster, nodes };
}

describe("of what changes in a cluster", () => {
  const pod = (name: string, role: string, node: string, address: string) =>
    podObject(name, { labels: { role }, nodeName: node, addresses: [address] });
  const db = pod("db", "db", "one", "10.244.1.1");
  const api = pod("api", "api", "two", "10.244.2.1");
  const second = pod("api-2", "api", "two", "10.244.2.2");
  const stranger = pod("api-2", "stranger", "two", "10.244.2.2");
  const admitting = (spec: Partial<NetworkPolicySpec>) =>
    policyObject("db", { podSelector: { matchLabels: { role: "db" } }, ...spec });
  const apiOnly = admitting({
    ingress: [{ from: [{ podSelector: { matchLabels: { role: "api" } } }], ports: [{ port: 3306 }] }],
  });
  const closed = admitting({ policyTypes: ["Ingress"] });
  const base = [db, api, apiOnly];

  it("one more peer elsewhere forbids nothing, and its going may", () => {
    expect(forbids(base, [...base, second])).toBe(false);
    expect(forbids([...base, second], base)).toBe(true);
  });

  it("a peer that is labelled into a set forbids nothing, and out of it may", () => {
    expect(forbids([...base, stranger], [...base, second])).toBe(false);
    expect(forbids([...base, second], [...base, stranger])).toBe(true);
  });

  it("a pod elsewhere with an address of the node's range forbids nothing by its coming, and by its going may", () => {
    const stray = pod("stray", "stranger", "two", "10.244.1.77");
    expect(forbids(base, [...base, stray])).toBe(false);
    expect(forbids([...base, stray], base)).toBe(true);
  });

  it("policies may forbid, whether they come, change or go", () => {
    expect(forbids([db, api], [db, api, closed])).toBe(true);
    expect(forbids([db, api, closed], [db, api, apiOnly])).toBe(true);
    expect(forbids([db, api, apiOnly], [db, api, closed])).toBe(true);
    expect(forbids([db, api, closed], [db, api])).toBe(true);
  });

  it("a pod of the node that comes or goes may", () => {
    const cache = pod("cache", "cache", "one", "10.244.1.2");
    expect(forbids(base, [...base, cache])).toBe(true);
    expect(forbids([...base, cache], base)).toBe(true);
  });

  it("a pod that may do less than the range around it forbids by its coming", () => {
    // As an address that nobody knows, the second pod was admitted by the block.
    const block = admitting({
      ingress: [{ from: [{ ipBlock: { cidr: "10.0.0.0/8" } }], ports: [{ port: 3306 }] }],
    });
    const apart = clusterPolicyObject("apart", {
      ingress: [
        {
          action: "Deny",
          from: [{ pods: { namespaceSelector: {}, podSelector: { matchLabels: { role: "api" } } } }],
        },
      ],
    });
    expect(forbids([db, api, block, apart], [db, api, block, apart, second])).toBe(true);
  });
});
