import { expect, it } from "vitest";
import { reachability } from "../engine/reachability.ts";
import { clusterPolicy } from "./cluster-policy.fixture.ts";
import { dbPolicy, engineWith } from "./explain.fixture.ts";
import { mapJson } from "./map-json.ts";
import { compareCodePoints } from "./order.ts";

const engine = engineWith(
  dbPolicy("  ingress: [{from: [{ipBlock: {cidr: 10.244.0.0/24}}], ports: [{port: 3306}]}]"),
);

it("names peers, and what may pass", () => {
  const { peers, connections } = mapJson(reachability(engine, "workload"));
  expect(peers).toContainEqual({
    id: "shop/db[Pod]",
    kind: "workload",
    namespace: "shop",
    name: "db",
    workload: "Pod",
    pods: ["shop/db"],
    isolated: { ingress: true, egress: false },
  });
  expect(peers).toContainEqual({
    id: "10.244.0.0/24",
    kind: "external",
    ranges: ["10.244.0.0-10.244.0.255"],
  });
  expect(connections.filter(({ to }) => to === "shop/db[Pod]")).toEqual([
    { from: "10.244.0.0/24", to: "shop/db[Pod]", ports: ["TCP/3306"] },
    { from: "batch/job[Pod]", to: "shop/db[Pod]", ports: ["TCP/3306"] },
    { from: "shop/lone[Pod]", to: "shop/db[Pod]", ports: ["TCP/3306"] },
    { from: "shop/web[Pod]", to: "shop/db[Pod]", ports: ["TCP/3306"], family: "IPv4" },
  ]);
});

it("is the same whatever the order of its parts", () => {
  const reach = reachability(engine, "pod");
  const turned = { peers: [...reach.peers].reverse(), connections: [...reach.connections].reverse() };
  expect(mapJson(turned)).toEqual(mapJson(reach));
});

it("orders by code points, not UTF-16 units", () => {
  expect(compareCodePoints("\u{1F600}", "\uFF5E")).toBeGreaterThan(0);
  expect(compareCodePoints("a", "ab")).toBeLessThan(0);
});

it("gives the addresses of pods on the network of their node", () => {
  const { peers } = mapJson(reachability(engine, "pod"));
  expect(peers.find(({ id }) => id === "shop/agent")).toMatchObject({
    kind: "node-pod",
    name: "agent",
    addresses: ["192.168.9.1"],
  });
});

it("tells what rules of Admin or Baseline limit", () => {
  const deny = clusterPolicy("out", "  egress: [{action: Deny, to: [{networks: [198.51.100.0/24]}]}]");
  const { peers } = mapJson(reachability(engineWith(deny), "pod"));
  const limits = peers.map((peer) => (peer.kind === "external" ? peer.kind : [peer.name, peer.limited]));
  expect(limits).toContainEqual(["db", { ingress: false, egress: true }]);
  expect(limits).toContainEqual(["agent", undefined]);
});
