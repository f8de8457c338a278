// Two small clusters for tests: manifests in, their comparison out.

import { parseManifests } from "../../k8s/manifests.ts";
import type { KubernetesObject } from "../../k8s/objects.ts";
import { portSetTokens } from "../../net/port-set.ts";
import { type ConnectionDiff, connectionDiff, type DiffOptions } from "./connection-diff.ts";
import type { DiffPeer } from "./diff-peers.ts";
import { buildSides } from "./object-sides.ts";

/** A Pod of namespace shop, or of another: `batch/job`. Ports as `5432` or `sql:5432`. */
export function podText(id: string, labels: string, ports: readonly string[] = [], more = ""): string {
  const [namespace, name] = id.includes("/") ? id.split("/") : ["shop", id];
  const list = ports.map((port) => {
    const [first, second] = port.split(":");
    return second === undefined ? `{containerPort: ${first}}` : `{name: ${first}, containerPort: ${second}}`;
  });
  return `---
apiVersion: v1
kind: Pod
metadata: {namespace: ${namespace}, name: ${name}, labels: {${labels}}}
spec: {${more}containers: [{name: c, image: i, ports: [${list.join(", ")}]}]}
`;
}

/** A NetworkPolicy of namespace shop, its spec beginning on line 5. */
export function policyText(name: string, spec: string): string {
  return `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {namespace: shop, name: ${name}}
spec:
  ${spec}
`;
}

/** Objects of files; throws on any error. */
export function objectsIn(files: Readonly<Record<string, string>>): readonly KubernetesObject[] {
  const sources = Object.entries(files).map(([file, text]) => ({ file, text }));
  const { objects, findings } = parseManifests(sources);
  if (findings.some(({ severity }) => severity === "error")) throw new Error(JSON.stringify(findings));
  return objects;
}

/** Pods web, api and db (with PostgreSQL) of shop and job of batch. */
export const SHOP_PODS: string = [
  podText("web", "app: web", ["80"]),
  podText("api", "app: api", ["8080"]),
  podText("db", "app: db", ["sql:5432"]),
  podText("batch/job", "app: job"),
].join("");

/** Only api may reach db. */
export const API_ONLY: string = policyText(
  "db",
  "podSelector: {matchLabels: {app: db}}\n  ingress: [{from: [{podSelector: {matchLabels: {app: api}}}], ports: [{port: 5432}]}]",
);

/** The comparison of manifests, each side one file or more. */
export function diffOf(
  before: string | Readonly<Record<string, string>>,
  after: string | Readonly<Record<string, string>>,
  options: DiffOptions = {},
): ConnectionDiff {
  const built = buildSides({
    before: objectsIn(typeof before === "string" ? { "old.yaml": before } : before),
    after: objectsIn(typeof after === "string" ? { "new.yaml": after } : after),
  });
  const errors = [...built.findings.before, ...built.findings.after];
  if (errors.length > 0) throw new Error(JSON.stringify(errors));
  return connectionDiff(built.before, built.after, options);
}

/** The changes as lines: `opens by policy: outside -> shop/db TCP/5432`. */
export function changeLines({ changes }: ConnectionDiff): string[] {
  const name = (peer: DiffPeer): string =>
    peer.kind === "external" ? `outside ${peer.id}` : `${peer.namespace}/${peer.name}`;
  return changes.map(({ change, cause, from, to, within, ports, family }) => {
    const ends = within ? `within ${from.map(name)}` : `${from.map(name)} -> ${to.map(name)}`;
    return `${change} by ${cause}: ${ends} ${portSetTokens(ports)}${family === undefined ? "" : ` IPv${family}`}`;
  });
}
