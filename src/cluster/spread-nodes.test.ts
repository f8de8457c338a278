import { describe, expect, it } from "vitest";
import type { KubernetesObject } from "../k8s/objects.ts";
import { formatAddress } from "../net/address.ts";
import { buildCluster } from "./build.ts";
import type { Cluster } from "./cluster.ts";
import { nodeObject, podObject, workloadObject } from "./objects.fixture.ts";

const NODES = ["node", "node-2", "node-3"];

function spread(objects: readonly KubernetesObject[], nodes = NODES, previous?: Cluster): Cluster {
  const before = previous?.pods.flatMap(({ id, node }) => (node === undefined ? [] : [[id, node] as const]));
  const { cluster, findings } = buildCluster(objects, {
    defaultNodes: nodes,
    ...(before === undefined ? {} : { previousNodes: new Map(before) }),
  });
  expect(findings).toEqual([]);
  return cluster;
}

const placesOf = ({ pods }: Cluster): string[] => pods.map(({ name, node }) => `${name} ${node}`);

const WEB = workloadObject("Deployment", "web", { replicas: 4 });
const DB = workloadObject("StatefulSet", "db", { replicas: 2 });
const API = workloadObject("Deployment", "api", { replicas: 1 });

describe("pods that name no node", () => {
  it("are spread, the replicas of a workload on different nodes", () => {
    expect(placesOf(spread([WEB, DB, API]))).toEqual([
      "api-0 node",
      "db-0 node-2",
      "db-1 node-3",
      "web-0 node",
      "web-1 node-2",
      "web-2 node-3",
      "web-3 node",
    ]);
    expect(placesOf(spread([API, DB, WEB]))).toEqual(placesOf(spread([WEB, DB, API])));
  });

  it("keep away from siblings that name theirs, which stay where they are", () => {
    const controller = { kind: "ReplicaSet", name: "web" };
    const pods = ["a", "b", "c"].map((name) => podObject(name, { controller }));
    const fixed = podObject("d", { controller, nodeName: "node-2" });
    const away = podObject("e", { controller, nodeName: "other" });
    expect(placesOf(spread([...pods, fixed, away]))).toEqual([
      "a node",
      "b node-3",
      "c node",
      "d node-2",
      "e other",
    ]);
  });

  it("have the same addresses, however many nodes there are", () => {
    const addresses = (count: number): string[] =>
      spread([WEB, DB, API], NODES.slice(0, count)).pods.map(({ id, addresses: own }) =>
        [id, ...Object.values(own).map(formatAddress)].join(" "),
      );
    expect(addresses(3)).toEqual(addresses(1));
    expect(addresses(2)).toEqual(addresses(1));
    expect(addresses(1)[0]).toMatch(/^shop\/api-0 10\.244\.\S+ fd00:10:244:\S+$/);
  });

  it("stay where they were when others come, go and are scaled", () => {
    const before = spread([WEB, DB, API]);
    const more = [workloadObject("Deployment", "aaa"), { ...WEB, replicas: 5 }, DB];
    const after = placesOf(spread(more, NODES, before));
    expect(after).toEqual(
      expect.arrayContaining(placesOf(before).filter((place) => !place.startsWith("api"))),
    );
    expect(after).toContain("web-4 node-2");
  });

  it("are placed anew where their node is no longer one of these", () => {
    const before = spread([DB]);
    expect(placesOf(spread([DB], ["node-2"], before))).toEqual(["db-0 node-2", "db-1 node-2"]);
  });
});

describe("the nodes that pods are spread over", () => {
  it("exist with addresses of both families, whether or not a pod comes to them", () => {
    const { nodes } = spread([API]);
    expect([...nodes.keys()]).toEqual(NODES);
    expect(nodes.get("node-3")!.addresses.map(formatAddress)).toEqual(["172.18.0.3", "fd00:172:18::3"]);
  });

  it("are those of the input where they have the same name", () => {
    const { nodes } = spread([API, nodeObject("node-2", "192.0.2.7")]);
    expect(nodes.get("node-2")!.addresses.map(formatAddress)).toEqual(["192.0.2.7"]);
  });

  it("do not exist where there is one, and all pods name others", () => {
    expect([...spread([podObject("a", { nodeName: "x" })], ["node"]).nodes.keys()]).toEqual(["x"]);
  });
});
