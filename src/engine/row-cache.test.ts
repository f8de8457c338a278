import { describe, expect, it } from "vitest";
import { buildCluster } from "../cluster/build.ts";
import { clusterChanges } from "../cluster/diff.ts";
import { namespaceObject, podObject, policyObject } from "../cluster/objects.fixture.ts";
import type { KubernetesObject } from "../k8s/objects.ts";
import { ALL_PORTS } from "../net/port-set.ts";
import { createEngine } from "./engine.ts";

describe("a row that is corrected for a class without an address of its family", () => {
  it("does not leave the verdict to the next class that gets its index", () => {
    // The rest may be reached by its addresses, so that pods in them need no cell.
    const base: KubernetesObject[] = [
      namespaceObject("shop"),
      policyObject("p", {
        podSelector: { matchLabels: { app: "subject" } },
        policyTypes: ["Egress"],
        egress: [
          { to: [{ ipBlock: { cidr: "fd00::/8" } }] },
          { to: [{ podSelector: { matchLabels: { role: "x" } } }] },
          { to: [{ podSelector: { matchLabels: { role: "y" } } }], ports: [{ port: 80 }] },
        ],
      }),
      podObject("subject", { labels: { app: "subject" }, addresses: ["fd00::1"] }),
    ];
    const only4 = (role: string): KubernetesObject =>
      podObject("only-4", { labels: { role }, addresses: ["10.0.0.9"] });
    const clusterOf = (...more: KubernetesObject[]) => buildCluster([...base, ...more]).cluster;
    const engine = createEngine(clusterOf(only4("x")));
    const find = (name: string) => engine.cluster.pods.find((pod) => pod.name === name)!;
    const leaving = () => engine.view(6).row("egress", engine.view(6).classOf(find("subject"))!);
    leaving();
    // A class takes the index of one that has left the selection, is judged in its place, and goes.
    const other = podObject("only-4", { namespace: "other", addresses: ["10.0.0.8"] });
    const last = podObject("new", { addresses: ["fd00::2"] });
    for (const next of [clusterOf(only4("z")), clusterOf(only4("z"), other)]) {
      engine.apply(clusterChanges(engine.cluster, next));
    }
    for (const next of [clusterOf(only4("z")), clusterOf(only4("z"), last)]) {
      leaving();
      engine.apply(clusterChanges(engine.cluster, next));
    }
    const end = (name: string) => engine.endOf(find(name));
    expect(engine.sidePorts("egress", end("subject"), end("new"), 6)).toBe(ALL_PORTS);
  });
});
