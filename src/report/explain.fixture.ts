// A small cluster that the tests of this folder explain and draw.
import { buildCluster } from "../cluster/build.ts";
import type { End } from "../engine/end.ts";
import { createEngine, type Engine } from "../engine/engine.ts";
import { type Explanation, explain } from "../engine/explain.ts";
import { parseManifests } from "../k8s/manifests.ts";
import { type Family, parseAddress } from "../net/address.ts";
import type { Traffic } from "../net/port-set.ts";

const pod = (
  namespace: string,
  name: string,
  labels: string,
  addresses: readonly string[],
  more = "",
): string => `
apiVersion: v1
kind: Pod
metadata: {namespace: ${namespace}, name: ${name}, labels: {${labels}}}
spec: {${more}containers: [{name: c, image: i, ports: [{name: sql, containerPort: 3306}]}]}
status: {podIPs: [${addresses.map((ip) => `{ip: "${ip}"}`).join(", ")}]}
`;

/** Pods db, web, lone and agent (on the host network) of namespace shop, and job of namespace batch. */
export const PODS: string = [
  pod("shop", "db", "app: db", ["10.244.0.1", "fd00:10:244::1"]),
  pod("shop", "web", "app: web, server: web", ["10.244.0.2", "fd00:10:244::2"]),
  pod("shop", "lone", "", ["10.244.0.3"]),
  pod("batch", "job", "server: api", ["10.244.0.4"]),
  pod("shop", "agent", "server: api", ["192.168.9.1"], "hostNetwork: true, "),
  "apiVersion: v1\nkind: Namespace\nmetadata: {name: batch, labels: {team: night}}\n",
].join("---\n");

/** A NetworkPolicy of namespace shop about pod db, its spec beginning on line 5 of db.yaml. */
export function dbPolicy(spec: string, name = "db-policy", more = ""): string {
  return `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {namespace: shop, name: ${name}${more}}
spec:
  podSelector: {matchLabels: {app: db}}
${spec}
`;
}

/** An engine over {@link PODS} and policies. */
export function engineWith(...policies: readonly string[]): Engine {
  const sources = [
    { file: "pods.yaml", text: PODS },
    { file: "db.yaml", text: policies.join("---\n") },
  ];
  return createEngine(buildCluster(parseManifests(sources).objects).cluster);
}

/** Explains a packet between pods, or addresses. */
export function ask(
  engine: Engine,
  from: string,
  to: string,
  traffic: Traffic,
  family: Family = 4,
): Explanation {
  return explain(engine, endOf(engine, from), endOf(engine, to), family, traffic);
}

function endOf(engine: Engine, text: string): End {
  const found = engine.cluster.pods.find((each) => each.id === text);
  if (found !== undefined) return { kind: "pod", pod: found };
  const address = parseAddress(text);
  if (address === undefined) throw new Error(`the fixture has no ${text}`);
  return { kind: "address", address };
}
