import { type ASTBaseNode, type DotASTNode, parse } from "@ts-graphviz/ast";
import { expect, it } from "vitest";
import { mapDot } from "./map-dot.ts";
import { HOSTILE, hostileGraph, shopGraph } from "./map-graph/graph.fixture.ts";

/** A node of the syntax tree as far as these tests look at it. */
interface Part extends ASTBaseNode {
  readonly value?: unknown;
  readonly id?: Part;
  readonly key?: Part;
  readonly from?: Part;
  readonly to?: Part;
  readonly targets?: readonly Part[];
  readonly children?: readonly Part[];
}

function parts(dot: string): Part[] {
  const all: Part[] = [];
  const visit = (part: Part): void => {
    all.push(part);
    part.children?.forEach(visit);
  };
  visit(parse(dot) as DotASTNode as Part);
  return all;
}

function ofType(dot: string, type: string): Part[] {
  return parts(dot).filter((part) => part.type === type);
}

it("is a digraph that Graphviz can read, a cluster for each namespace", () => {
  const dot = mapDot(shopGraph());
  expect(ofType(dot, "Graph")).toHaveLength(1);
  expect(ofType(dot, "Subgraph").map((part) => part.id?.value)).toEqual([
    "cluster batch",
    "cluster shop",
    "cluster (outside)",
  ]);
  const edges = ofType(dot, "Edge").map(({ targets }) => targets?.map((target) => target.id?.value));
  expect(edges).toContainEqual(["shop/web[Pod]", "shop/db[Pod]"]);
  expect(edges).toContainEqual(["shop/db[Pod]", "198.51.100.0/24"]);
});

it("writes on the boxes what the graph says, and below the picture its notes", () => {
  const labels = ofType(mapDot(shopGraph()), "Attribute").flatMap(({ key, value }) =>
    key?.value === "label" ? [(value as Part | undefined)?.value ?? ""] : [],
  );
  expect(labels).toContainEqual(expect.stringMatching(/^db\\nPod\\nisolated, egress isolated/));
  expect(labels).toContain("TCP 3306");
  expect(labels).toContainEqual(expect.stringMatching(/^\* as in "from everyone\*"/));
});

it("draws every box and arrow of the graph, whatever their names", () => {
  const graph = hostileGraph();
  const dot = mapDot(graph);
  expect(ofType(dot, "Node")).toHaveLength(HOSTILE.length);
  expect(ofType(dot, "Edge")).toHaveLength(HOSTILE.length);
  expect(ofType(dot, "Subgraph")).toHaveLength(HOSTILE.length);
  const ids = new Set(ofType(dot, "Node").map((part) => part.id?.value));
  for (const { targets } of ofType(dot, "Edge")) {
    for (const target of targets ?? []) expect(ids).toContain(target.id?.value);
  }
});
