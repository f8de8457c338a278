import { expect, it } from "vitest";
import { buildCluster } from "../../cluster/build.ts";
import { createEngine } from "../../engine/engine.ts";
import { type Reachability, reachability } from "../../engine/reachability.ts";
import { parseManifests } from "../../k8s/manifests.ts";
import { dbPolicy, engineWith } from "../explain.fixture.ts";
import { type MapGraph, OUTSIDE } from "./graph.ts";
import { mapGraph } from "./map-graph.ts";
import { arrowText, nodeLines } from "./words.ts";

/** Pods of two namespaces, each a workload of its own, and policies. */
function reachOf(
  pods: Readonly<Record<string, readonly string[]>>,
  ...policies: readonly string[]
): Reachability {
  const texts = Object.entries(pods).flatMap(([namespace, names]) =>
    names.map(
      (name) =>
        `{apiVersion: v1, kind: Pod, metadata: {namespace: ${namespace}, name: ${name}, labels: {app: ${name}}}, spec: {containers: [{name: c, image: i}]}}`,
    ),
  );
  const text = [...texts, ...policies].join("\n---\n");
  const { objects } = parseManifests([{ file: "all.yaml", text }]);
  return reachability(createEngine(buildCluster(objects).cluster), "workload");
}

function policy(namespace: string, spec: string): string {
  const name = `p${spec.length}`;
  return `{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {namespace: ${namespace}, name: ${name}}, spec: ${spec}}`;
}

function linesOf(graph: MapGraph, id: string): string[] | undefined {
  const group = graph.groups.find(({ nodes }) => nodes.some((node) => node.id === id));
  return group && nodeLines(group.nodes.find((node) => node.id === id)!, group);
}

function arrowsOf(graph: MapGraph): string[] {
  return graph.arrows.map((arrow) => `${arrow.from} > ${arrow.to}: ${arrowText(arrow)}`);
}

const SHOP = { shop: ["api", "db", "web"], ops: ["logs", "metrics", "trace"] };

it("says on the box what everyone may do, and draws the rest", () => {
  const graph = mapGraph(
    reachOf(
      SHOP,
      policy(
        "shop",
        "{podSelector: {matchLabels: {app: db}}, ingress: [{from: [{podSelector: {matchLabels: {app: api}}}], ports: [{port: 3306}]}, {ports: [{port: 9}]}]}",
      ),
    ),
  );
  expect(linesOf(graph, "shop/web[Pod]")).toEqual(["open", "from everyone"]);
  expect(linesOf(graph, "shop/db[Pod]")).toEqual(["isolated", "from everyone: TCP 9"]);
  expect(arrowsOf(graph)).toEqual(["shop/api[Pod] > shop/db[Pod]: TCP 9, TCP 3306"]);
  expect(graph.notes).toEqual(["Not drawn: every address outside the cluster; reached by everyone."]);
});

it("gives a whole namespace one arrow, and names it where everyone in it may come in", () => {
  const graph = mapGraph(
    reachOf(
      SHOP,
      policy("shop", "{podSelector: {}, ingress: [{from: [{podSelector: {}}], ports: [{port: 80}]}]}"),
      policy(
        "shop",
        "{podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: ops}}}], ports: [{port: 9090}]}]}",
      ),
    ),
  );
  expect(linesOf(graph, "shop/db[Pod]")).toEqual(["isolated", "from all of shop: TCP 80"]);
  expect(arrowsOf(graph)).toEqual(["ops/* > shop/*: TCP 9090"]);
  expect(graph.arrows[0]?.connections).toBe(9);
});

it("leaves out of everyone who may not send, and says so", () => {
  const graph = mapGraph(
    reachOf(
      SHOP,
      policy(
        "shop",
        "{podSelector: {matchLabels: {app: api}}, policyTypes: [Egress], egress: [{ports: [{port: 53, protocol: UDP}]}]}",
      ),
    ),
  );
  expect(linesOf(graph, "shop/web[Pod]")).toEqual(["open", "from everyone*"]);
  expect(linesOf(graph, "shop/api[Pod]")).toEqual([
    "open, egress isolated",
    "from everyone",
    "to everyone: UDP 53",
  ]);
  expect(graph.arrows).toEqual([]);
  expect(graph.notes[0]).toMatch(
    /^\* as in "from everyone\*": without those that are limited in what they may send/,
  );
});

it("tells on the box of the limited what is said of everyone on another", () => {
  const toLogs =
    "{to: [{namespaceSelector: {}, podSelector: {matchLabels: {app: logs}}}], ports: [{port: 53, protocol: UDP}]}";
  const graph = mapGraph(
    reachOf(SHOP, policy("shop", `{podSelector: {}, policyTypes: [Egress], egress: [${toLogs}]}`)),
  );
  expect(linesOf(graph, "ops/logs[Pod]")).toEqual(["open", "from everyone: UDP 53", "from everyone*"]);
  expect(linesOf(graph, "shop/db[Pod]")).toEqual([
    "open, egress isolated",
    "from everyone*",
    "to ops/logs: UDP 53",
  ]);
});

it("says of the limited who reaches nobody, and whom nobody reaches", () => {
  const graph = mapGraph(reachOf(SHOP, policy("shop", "{podSelector: {}, policyTypes: [Ingress, Egress]}")));
  expect(linesOf(graph, "shop/db[Pod]")).toEqual(["isolated, egress isolated", "from nobody", "to nobody"]);
});

it("says of nobody that it reaches nobody where that was not asked", () => {
  const whole = reachOf(SHOP, policy("shop", "{podSelector: {}, policyTypes: [Ingress, Egress]}"));
  const isAsked = (from: { id: string }): boolean => from.id === "shop/db[Pod]";
  const graph = mapGraph(
    { peers: whole.peers.filter(isAsked), connections: [] },
    { asked: { peers: whole.peers, isAsked }, scope: "only connections from shop/db" },
  );
  expect(linesOf(graph, "shop/db[Pod]")).toEqual(["isolated, egress isolated", "to nobody"]);
  expect(graph.notes).toEqual(["This is not everything: only connections from shop/db."]);
});

it("tells families apart, and policies in audit mode", () => {
  const spec = "  ingress: [{from: [{ipBlock: {cidr: 10.244.0.0/24}}], ports: [{port: 3306}]}]";
  const graph = mapGraph(reachability(engineWith(dbPolicy(spec)), "workload"), {
    audited: ["NetworkPolicy shop/db-policy"],
  });
  expect(arrowsOf(graph)).toContain("shop/web[Pod] > shop/db[Pod]: TCP 3306 (IPv4 only)");
  expect(graph.groups.at(-1)?.id).toBe(OUTSIDE);
  expect(graph.notes.at(-1)).toContain("is in audit mode");
});
