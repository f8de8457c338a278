// A small cluster that the tests of this folder explain.
import { buildCluster } from "../cluster/build.ts";
import { namespaceObject, nodeObject, podObject } from "../cluster/objects.fixture.ts";
import type { ClusterPolicy, NetworkPolicy } from "../k8s/objects.ts";
import { type Family, parseAddress } from "../net/address.ts";
import type { Traffic } from "../net/port-set.ts";
import type { End } from "./end.ts";
import { createEngine, type Engine } from "./engine.ts";
import { type Explanation, explain } from "./explain.ts";

export const SQL: Traffic = { protocol: "TCP", port: 5432 };
export const OUTSIDE = "203.0.113.9";

/** Pods db, web and agent (on the host network) of namespace shop, job of namespace ops, on nodes n1 and n2. */
export function engineOf(...policies: readonly (NetworkPolicy | ClusterPolicy)[]): Engine {
  const { cluster, findings } = buildCluster([
    namespaceObject("shop"),
    namespaceObject("ops", { team: "night" }),
    { ...nodeObject("n1", "192.0.2.1"), labels: { role: "worker" } },
    nodeObject("n2", "192.0.2.2"),
    podObject("db", {
      labels: { app: "db" },
      nodeName: "n1",
      addresses: ["10.244.0.1", "fd00::1"],
      ports: [{ name: "sql", port: 5432, protocol: "TCP" }],
    }),
    podObject("web", { labels: { app: "web" }, nodeName: "n2", addresses: ["10.244.0.2", "fd00::2"] }),
    podObject("job", { namespace: "ops", labels: { app: "web" }, nodeName: "n2", addresses: ["10.244.0.3"] }),
    podObject("agent", { labels: { app: "web" }, nodeName: "n2", hostNetwork: true }),
    ...policies,
  ]);
  if (findings.length > 0) throw new Error(JSON.stringify(findings));
  return createEngine(cluster);
}

/** Explains a packet between pods, or addresses, and throws if the engine disagrees. */
export function ask(
  engine: Engine,
  from: string,
  to: string,
  traffic: Traffic = SQL,
  family: Family = 4,
): Explanation {
  const end = (text: string): End => {
    const pod = engine.cluster.pods.find(({ id }) => id === text);
    return pod === undefined ? { kind: "address", address: parseAddress(text)! } : { kind: "pod", pod };
  };
  const explanation = explain(engine, end(from), end(to), family, traffic);
  if (explanation.allowed !== engine.allows(end(from), end(to), family, traffic)) {
    throw new Error(`the engine decides otherwise than explained: ${from} to ${to}`);
  }
  return explanation;
}
