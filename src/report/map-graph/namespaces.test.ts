import { expect, it } from "vitest";
import { portRange } from "../../net/port-set.ts";
import { shopGraph } from "./graph.fixture.ts";
import type { GraphStatement } from "./graph.ts";
import { isSmall, namespaceGraph, readableGraph } from "./namespaces.ts";
import { arrowText, nodeLines } from "./words.ts";

it("has a box for each namespace, what is inside counted, and arrows for what is between", () => {
  const graph = namespaceGraph(shopGraph());
  expect(graph.groups.map(({ nodes }) => nodes.map(({ title, detail }) => [title, detail]))).toEqual([
    [["batch", "1 workload"]],
    [["shop", "4 workloads"]],
    [["outside the cluster", "1 range of addresses"]],
  ]);
  const [, shop] = graph.groups;
  expect(nodeLines(shop!.nodes[0]!, shop!)).toEqual([
    "2 open, 1 isolated, 1 node network",
    "1 limited in what they send",
    "1 connection inside",
  ]);
  expect(graph.arrows.map((arrow) => [arrow.from, arrow.to, arrowText(arrow)])).toEqual([
    ["shop", "(outside)", "TCP 443"],
  ]);
  expect(graph.notes[0]).toContain("too many to read");
});

it("stands in for a graph that is too large, and gives up where it is too large itself", () => {
  const graph = shopGraph();
  expect(readableGraph(graph)).toBe(graph);
  const many = { ...graph, arrows: Array.from({ length: 401 }, () => graph.arrows[0]!) };
  expect(isSmall(many)).toBe(false);
  expect(readableGraph(many)?.of).toBe("namespaces");
  expect(readableGraph(many, () => false)).toBeUndefined();
});

it("counts on the box what no arrow tells", () => {
  const graph = shopGraph();
  const statement = (direction: "in" | "out", set: "everyone" | "inside" | "group"): GraphStatement => {
    return { direction, set, onlyUnlimited: false, ports: portRange("TCP", 80) };
  };
  const statements = [statement("in", "everyone"), statement("in", "group"), statement("out", "inside")];
  const groups = graph.groups.map((group) => ({
    ...group,
    nodes: group.nodes.map((node) => (node.state === "isolated" ? { ...node, statements } : node)),
  }));
  const shop = namespaceGraph({ ...graph, groups }).groups.find(({ id }) => id === "shop")!;
  expect(nodeLines(shop.nodes[0]!, shop)).toEqual([
    "2 open, 1 isolated, 1 node network",
    "1 limited in what they send",
    "1 with ports for everyone",
    "1 with ports for all in here",
    "1 that may reach every pod",
    "1 connection inside",
  ]);
});
