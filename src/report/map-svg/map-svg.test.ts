import { SaxesParser } from "saxes";
import { expect, it } from "vitest";
import type { Reachability } from "../../engine/reachability.ts";
import { reachability } from "../../engine/reachability.ts";
import { engineWith } from "../explain.fixture.ts";
import { HOSTILE, hostileGraph, shopGraph } from "../map-graph/graph.fixture.ts";
import { mapGraph } from "../map-graph/map-graph.ts";
import { plainLine } from "../map-graph/words.ts";
import { mapSvg } from "./map-svg.ts";

it("is a picture of nobody where there are policies alone", () => {
  const svg = mapSvg({ ...shopGraph(), groups: [], arrows: [] });
  expect(elements(svg)[0]).toMatchObject({ name: "svg" });
  expect(svg).toContain("0 workloads in 0 namespaces, 0 arrows");
});

/** The elements of an XML text, or an error where it is not well-formed. */
function elements(xml: string): { name: string; attributes: Record<string, string>; text: string }[] {
  const all: { name: string; attributes: Record<string, string>; text: string }[] = [];
  const open: typeof all = [];
  const parser = new SaxesParser({ fragment: false });
  parser.on("error", (error) => {
    throw error;
  });
  parser.on("opentag", ({ name, attributes }) => {
    const element = { name, attributes: attributes as Record<string, string>, text: "" };
    all.push(element);
    open.push(element);
  });
  parser.on("text", (text) => {
    const element = open.at(-1);
    if (element !== undefined) element.text += text;
  });
  parser.on("closetag", () => open.pop());
  parser.write(xml).close();
  return all;
}

it("is well-formed, and draws each box and arrow with a title", () => {
  const graph = shopGraph();
  const all = elements(mapSvg(graph));
  const nodes = graph.groups.flatMap((group) => group.nodes);
  expect(all[0]).toMatchObject({ name: "svg", attributes: { xmlns: "http://www.w3.org/2000/svg" } });
  expect(
    all.filter(({ attributes }) => attributes["data-id"]).map(({ attributes }) => attributes["data-id"]),
  ).toEqual(nodes.map(({ id }) => id));
  expect(all.filter(({ attributes }) => attributes["data-from"] !== undefined)).toHaveLength(
    graph.arrows.length,
  );
  // One for the picture.
  expect(all.filter(({ name }) => name === "title")).toHaveLength(1 + nodes.length + graph.arrows.length);
  const texts = all.filter(({ name }) => name === "text").map(({ text }) => text);
  expect(texts).toEqual(expect.arrayContaining(["shop", "db", "TCP 3306", "TCP 443", "outside the cluster"]));
});

it("shows names as they are, whatever they mean in XML", () => {
  const all = elements(mapSvg(hostileGraph()));
  expect(
    all.filter(({ name }) => !["svg", "title", "style", "rect", "text", "g", "path"].includes(name)),
  ).toEqual([]);
  const titles = all.filter(({ name }) => name === "title").map(({ text }) => text);
  for (const name of HOSTILE)
    expect(titles.some((text) => text.startsWith(`${plainLine(name)} (`))).toBe(true);
});

it("is the same whatever the order of its parts", () => {
  const reach = reachability(engineWith(), "pod");
  const turned: Reachability = {
    peers: [...reach.peers].reverse(),
    connections: [...reach.connections].reverse(),
  };
  expect(mapSvg(mapGraph(turned))).toBe(mapSvg(mapGraph(reach)));
});
