import { describe, expect, it } from "vitest";
import { buildCluster } from "../cluster/build.ts";
import { clusterPolicyObject, nodeObject, podObject } from "../cluster/objects.fixture.ts";
import { createEngine, type Engine } from "../engine/engine.ts";
import type { KubernetesObject } from "../k8s/objects.ts";
import { chosenNodes } from "./chosen-nodes.ts";
import { planProbes, topologyOf } from "./plan.ts";

const node = (name: string, zone: string, ...addresses: string[]): KubernetesObject => ({
  ...nodeObject(name, ...addresses),
  labels: { zone },
});
const NODES = [
  node("a-1", "a", "172.18.0.1"),
  node("a-2", "a", "172.18.0.2"),
  node("a-3", "a", "172.18.0.3"),
  node("b-1", "b", "172.18.1.1", "172.18.1.9", "fd00:18::1"),
  node("c-1", "c", "172.18.2.1"),
  node("d-1", "d"),
];
const web = podObject("web", { addresses: ["10.244.0.1"], nodeName: "a-2", labels: { app: "web" } });
const denied = (zone: string): KubernetesObject =>
  clusterPolicyObject(`deny-${zone}`, {
    egress: [
      {
        action: "Deny",
        to: [{ nodes: { matchLabels: { zone } } }],
        protocols: [{ tcp: { destinationPort: { number: 10250 } } }],
      },
    ],
  });

function engineOf(...objects: KubernetesObject[]): Engine {
  return createEngine(buildCluster([...NODES, ...objects]).cluster);
}
const names = (engine: Engine): string[] => chosenNodes(engine).map(({ name }) => name);

describe("the nodes that packets are sent to", () => {
  it("are none where no policy names nodes", () => {
    const other = clusterPolicyObject("p", {
      egress: [{ action: "Deny", to: [{ networks: ["0.0.0.0/0"] }] }],
    });
    expect(names(engineOf(web, other))).toEqual([]);
    expect(topologyOf(engineOf(web, other), []).nodes.map(({ name }) => name)).toEqual(["a-2"]);
  });

  it("are one that has pods or else the first, of each kind that the selectors tell apart", () => {
    expect(names(engineOf(web, denied("a")))).toEqual(["a-2", "b-1"]);
    expect(names(engineOf(web, denied("a"), denied("b")))).toEqual(["a-2", "b-1", "c-1"]);
  });

  it("are none of a kind that a host-network pod stands for", () => {
    const host = podObject("host", { hostNetwork: true, nodeName: "a-3", hostAddresses: ["172.18.0.3"] });
    expect(names(engineOf(web, host, denied("a")))).toEqual(["b-1"]);
  });

  it("come to be in the lab, and receive from every pod on the port of the rule, another one and by ping", () => {
    const engine = engineOf(web, denied("b"));
    expect(topologyOf(engine, []).nodes).toEqual([
      { name: "a-2", addresses: ["172.18.0.2"] },
      { name: "b-1", addresses: ["172.18.1.1", "fd00:18::1"] },
    ]);
    const probes = planProbes(engine, []).map(
      ({ from, to, protocol, port, predicted }) => `${from} ${to} ${port ?? protocol} ${predicted}`,
    );
    expect(probes).toEqual([
      "shop/web 172.18.0.2 10250 allow",
      "shop/web 172.18.0.2 22 allow",
      "shop/web 172.18.0.2 ICMP allow",
      "shop/web 172.18.1.1 10250 deny",
      "shop/web 172.18.1.1 22 allow",
      "shop/web 172.18.1.1 ICMP allow",
    ]);
  });
});
