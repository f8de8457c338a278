import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { buildCluster } from "../../cluster/build.ts";
import type { Cluster } from "../../cluster/cluster.ts";
import { clusterChanges } from "../../cluster/diff.ts";
import { parseManifests } from "../../k8s/manifests.ts";
import { readStateFile, STATE_FILE, writeState } from "./state-file.ts";
import { StateError, withoutPodsOf } from "./state-text.ts";

const MANIFESTS = `
apiVersion: v1
kind: Node
metadata: {name: one, labels: {zone: a}}
spec: {podCIDRs: [10.244.1.0/24, "fd00:10:244:1::/64"]}
status: {addresses: [{type: InternalIP, address: 192.0.2.1}, {type: InternalIP, address: "2001:db8::1"}]}
---
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {team: a}}
---
apiVersion: v1
kind: Pod
metadata: {name: db, namespace: shop, labels: {server: db}}
spec: {nodeName: one, containers: [{name: main, ports: [{name: mysql, containerPort: 3306}]}]}
status: {phase: Running, podIPs: [{ip: 10.244.1.7}, {ip: "fd00:10:244:1::7"}]}
---
apiVersion: v1
kind: Pod
metadata: {name: proxy, namespace: shop}
spec: {nodeName: one, hostNetwork: true, containers: [{name: main}]}
status: {phase: Running, podIPs: [{ip: 192.0.2.1}], hostIPs: [{ip: 192.0.2.1}]}
---
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop}
spec: {nodeName: two, containers: [{name: main}]}
status: {phase: Running, podIPs: [{ip: 10.244.2.9}]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: db, namespace: shop, annotations: {podwall.io/mode: audit}}
spec: {podSelector: {matchLabels: {server: db}}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16]}}], ports: [{port: mysql}]}]}
---
apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: {name: first}
spec:
  tier: Admin
  priority: 10
  subject: {namespaces: {}}
  ingress: [{action: Accept, from: [{namespaces: {matchLabels: {team: a}}}]}]
`;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "podwall-state-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function cluster(): Cluster {
  const { objects, findings } = parseManifests([{ file: "all.yaml", text: MANIFESTS }]);
  expect(findings).toEqual([]);
  return buildCluster(objects, { unaddressed: "left-out" }).cluster;
}

const written = { node: "one", boot: "b-1" };

describe("the state of an agent", () => {
  it("comes back as it was written, and leaves nothing else behind", async () => {
    const before = cluster();
    await writeState(join(folder, "new"), { ...written, cluster: before });
    const state = (await readStateFile(join(folder, "new")))!;
    expect([state.node, state.boot]).toEqual(["one", "b-1"]);
    expect(before.pods).toHaveLength(3);
    expect(clusterChanges(before, state.cluster)).toEqual([]);
    expect(clusterChanges(state.cluster, before)).toEqual([]);
    expect(state.cluster.workloads.map(({ id }) => id)).toEqual(before.workloads.map(({ id }) => id));
    expect(readdirSync(join(folder, "new"))).toEqual([STATE_FILE]);
  });

  it("is none where there is no file", async () => {
    expect(await readStateFile(folder)).toBeUndefined();
    expect(await readStateFile(join(folder, "nowhere"))).toBeUndefined();
  });

  it("is whole after a second writing that fails", async () => {
    const before = cluster();
    await writeState(folder, { ...written, cluster: before });
    const broken = { ...before, pods: [{ ...before.pods[0]!, labels: { a: 1n as unknown as string } }] };
    await expect(writeState(folder, { ...written, cluster: broken })).rejects.toThrow("BigInt");
    expect((await readStateFile(folder))!.cluster.pods).toHaveLength(3);
    expect(readdirSync(folder)).toEqual([STATE_FILE]);
  });

  it("is refused wherever it was cut off", async () => {
    await writeState(folder, { ...written, cluster: cluster() });
    const file = join(folder, STATE_FILE);
    const packed = readFileSync(file);
    const text = gunzipSync(packed).toString();
    const lines = text.trimEnd().split("\n");
    for (let kept = 0; kept < lines.length; kept++) {
      writeFileSync(file, gzipSync(`${lines.slice(0, kept).join("\n")}\n`));
      await expect(readStateFile(folder)).rejects.toThrow(StateError);
    }
    for (let bytes = 0; bytes < packed.length; bytes += 37) {
      writeFileSync(file, packed.subarray(0, bytes));
      await expect(readStateFile(folder)).rejects.toThrow();
    }
    // A line that is missing in the middle.
    writeFileSync(file, gzipSync([...lines.slice(0, 3), ...lines.slice(4)].join("\n")));
    await expect(readStateFile(folder)).rejects.toThrow("lines of");
  });

  it("is refused where it is of another format, or no state at all", async () => {
    const file = join(folder, STATE_FILE);
    writeFileSync(file, gzipSync(`${JSON.stringify({ podwall: "state", version: 99 })}\n`));
    await expect(readStateFile(folder)).rejects.toThrow("format 99");
    writeFileSync(file, "not gzip");
    await expect(readStateFile(folder)).rejects.toThrow("incorrect header");
  });

  it("does without the pods that end with a machine, but for those that share its addresses", () => {
    expect(withoutPodsOf(cluster(), "one").pods.map(({ id }) => id)).toEqual(["shop/proxy", "shop/web"]);
  });
});
