import { afterAll, beforeAll, expect, it } from "vitest";
import { buildCluster } from "../../src/cluster/build.ts";
import { createEngine } from "../../src/engine/engine.ts";
import { reachability } from "../../src/engine/reachability.ts";
import { parseManifests } from "../../src/k8s/manifests.ts";
import type { KubernetesObject } from "../../src/k8s/objects.ts";
import { formatCidr } from "../../src/net/cidr.ts";
import { mapJson } from "../../src/report/map-json.ts";
import { createKubeClient, type KubeClient } from "../../src/source/kube/client.ts";
import { servedResources } from "../../src/source/kube/discovery.ts";
import { loadContext } from "../../src/source/kube/kubeconfig.ts";
import { listAll } from "../../src/source/kube/list.ts";
import { readCluster } from "../../src/source/kube/read-cluster.ts";
import {
  type KubeResource,
  NAMESPACES,
  NETWORK_POLICIES,
  PODS,
  pathOf,
} from "../../src/source/kube/resource.ts";
import { describeApiServer } from "./binaries.ts";
import { namespace, networkPolicy, node, pod } from "./cluster-objects.ts";
import { writeKubeconfig } from "./kubeconfig.ts";
import { type ApiObject, createObjects } from "./objects.ts";
import { type ApiServer, startApiServer } from "./start.ts";

const TEAMS = ["red", "green", "blue"];

function manyObjects(): ApiObject[] {
  const objects: ApiObject[] = [];
  for (let n = 0; n < 4; n++) {
    const podCIDRs = [`10.${n}.0.0/16`, `fd00:${n + 1}::/64`];
    objects.push({ ...node(`node-${n}`, `192.0.2.${n + 1}`), spec: { podCIDR: podCIDRs[0], podCIDRs } });
  }
  for (let n = 0; n < 10; n++) {
    const name = `team-${n}`;
    objects.push(namespace(name, { team: TEAMS[n % 3]! }));
    for (const app of ["web", "api", "db"]) {
      for (let p = 0; p < 100; p++) {
        const isHost = app === "web" && p === 0;
        objects.push(
          pod(name, `${app}-${p}`, {
            labels: { app, half: p < 50 ? "first" : "second" },
            owner: app,
            node: `node-${p % 4}`,
            ports: [{ name: "main", containerPort: app === "db" ? 5432 : 8080 }],
            address: isHost
              ? `192.0.2.${(p % 4) + 1}`
              : `10.${n}.${["web", "api", "db"].indexOf(app)}.${p + 1}`,
            hostNetwork: isHost,
            phase: p === 99 ? "Succeeded" : "Running",
          }),
        );
      }
    }
    const out = networkPolicy(name, "out", {
      podSelector: { matchLabels: { app: "web" } },
      policyTypes: ["Egress"],
      egress: [{ to: [{ ipBlock: { cidr: "10.0.0.0/12", except: ["10.3.0.0/16"] } }] }],
    });
    const annotations = { "podwall.io/mode": n < 3 ? "audit" : "enforce", other: "audit" };
    objects.push(
      { ...out, metadata: { ...out.metadata, annotations } },
      networkPolicy(name, "db", {
        podSelector: { matchLabels: { app: "db" } },
        ingress: [
          {
            from: [{ podSelector: { matchLabels: { app: "api", half: "first" } } }],
            ports: [{ port: "main" }],
          },
          {
            from: [{ namespaceSelector: { matchLabels: { team: TEAMS[(n + 1) % 3]! } } }],
            ports: [{ port: 22 }],
          },
        ],
      }),
    );
  }
  return objects;
}

function mapOf(objects: readonly KubernetesObject[]): unknown {
  const { cluster, findings } = buildCluster(objects, { unaddressed: "left-out" });
  expect(findings).toEqual([]);
  return mapJson(reachability(createEngine(cluster), "workload"));
}

/** The policies in audit mode, and the first block of each node for its pods. */
function modesAndBlocks(objects: readonly KubernetesObject[]): { audited: string[]; blocks: unknown[] } {
  const { networkPolicies, nodes } = buildCluster(objects, { unaddressed: "left-out" }).cluster;
  return {
    audited: networkPolicies
      .filter(({ audit }) => audit === true)
      .map(({ namespace, name }) => `${namespace}/${name}`),
    blocks: [...nodes.values()].map(({ podRanges }) => podRanges && formatCidr(podRanges[0]!)),
  };
}

describeApiServer("reading a cluster", () => {
  const objects = manyObjects();
  let server: ApiServer;
  let client: KubeClient;

  beforeAll(async () => {
    server = await startApiServer({ users: [{ name: "reader" }] });
    await createObjects(
      server.requests,
      objects.filter(({ kind }) => kind === "Namespace"),
    );
    await createObjects(
      server.requests,
      objects.filter(({ kind }) => kind !== "Namespace"),
    );
    const file = writeKubeconfig(server, "config", [{ name: "many", user: { token: server.tokens.admin } }]);
    client = createKubeClient(await loadContext({ kubeconfig: file }));
  });
  afterAll(async () => {
    client?.close();
    await server?.stop();
  });

  it("gives the map that the same objects give as manifests, over 43 pages", async () => {
    const pages = new Map<string, number[]>();
    const live = await readCluster(client, {
      pageSize: 70,
      onProgress: ({ plural }, items) => pages.set(plural, [...(pages.get(plural) ?? []), items]),
    });
    expect(live.findings).toEqual([]);
    expect(live.onlyNamespaces).toBeUndefined();
    const pods = pages.get("pods")!;
    expect(pods).toHaveLength(43);
    expect(pods.at(-1)).toBe(3000);
    expect(pages.get("nodes")).toEqual([4]);

    const text = JSON.stringify({ apiVersion: "v1", kind: "List", items: objects });
    const written = parseManifests([{ file: "all.json", text }]);
    expect(written.findings).toEqual([]);
    const wanted = mapOf(written.objects) as { connections: unknown[] };
    expect(wanted.connections.length).toBeGreaterThan(500);
    expect(mapOf(live.objects)).toEqual(wanted);
    expect(modesAndBlocks(live.objects)).toEqual(modesAndBlocks(written.objects));
    expect(modesAndBlocks(live.objects)).toEqual({
      audited: ["team-0/out", "team-1/out", "team-2/out"],
      blocks: ["10.0.0.0/16", "10.1.0.0/16", "10.2.0.0/16", "10.3.0.0/16"],
    });
  });

  it("reads policies of the whole cluster where they are installed", async ({ skip }) => {
    if (process.env.KUBEBUILDER_ASSETS) return skip("the definitions come with our own build only");
    const read = async (): Promise<Map<string, number>> => {
      const counts = new Map<string, number>();
      await readCluster(client, { onProgress: ({ plural }, items) => counts.set(plural, items) });
      return counts;
    };
    expect([...(await read()).keys()]).toEqual(["networkpolicies", "nodes", "pods", "namespaces"]);
    await server.define("clusternetworkpolicies");
    await createObjects(server.requests, [
      {
        apiVersion: "policy.networking.k8s.io/v1alpha2",
        kind: "ClusterNetworkPolicy",
        metadata: { name: "no-ssh" },
        spec: {
          tier: "Admin",
          priority: 10,
          subject: { namespaces: {} },
          ingress: [
            {
              action: "Deny",
              from: [{ namespaces: {} }],
              protocols: [{ tcp: { destinationPort: { number: 22 } } }],
            },
          ],
        },
      },
    ]);
    expect((await read()).get("clusternetworkpolicies")).toBe(1);
  });

  it("asks a server that does not sum up what it serves, group by group", async () => {
    const old: KubeClient = { ...client, get: (path, query, signal) => client.get(path, query, signal) };
    const [now, before] = await Promise.all([servedResources(client), servedResources(old)]);
    expect(before!.length).toBeGreaterThan(30);
    const names = (resources: readonly KubeResource[]): string[] =>
      resources.map((each) => JSON.stringify(each, Object.keys(each).sort())).sort();
    expect(names(before!)).toEqual(names(now!));
    expect(now).toContainEqual({ ...NETWORK_POLICIES });
  });

  it("leaves the door open for a watch from where a list ended", async () => {
    const { resourceVersion } = await listAll(client, pathOf(NAMESPACES), { take: () => [] });
    const stop = new AbortController();
    const events = await client.open(pathOf(NAMESPACES), { watch: true, resourceVersion }, stop.signal);
    await server.requests.must("POST", pathOf(NAMESPACES), namespace("watched"));
    for await (const chunk of events) {
      expect(JSON.parse(chunk.toString())).toMatchObject({
        type: "ADDED",
        object: { metadata: { name: "watched" } },
      });
      break;
    }
    stop.abort();
  });

  it("ends at once when it is told to", async () => {
    const stop = new AbortController();
    const reading = readCluster(client, {
      pageSize: 10,
      signal: stop.signal,
      onProgress: ({ plural }) => {
        if (plural === "pods") stop.abort(new Error("enough"));
      },
    });
    await expect(reading).rejects.toThrow("enough");
  });
});

describeApiServer("a list that takes too long", () => {
  let server: ApiServer;
  let client: KubeClient;

  beforeAll(async () => {
    // With its cache the server remembers what etcd has forgotten, for some minutes more.
    server = await startApiServer({ flags: ["--watch-cache=false"] });
    const pods = Array.from({ length: 30 }, (_, n) => pod("default", `pod-${n}`));
    await createObjects(server.requests, pods);
    const file = writeKubeconfig(server, "config", [{ name: "slow", user: { token: server.tokens.admin } }]);
    client = createKubeClient(await loadContext({ kubeconfig: file }));
  });
  afterAll(async () => {
    client?.close();
    await server?.stop();
  });

  /** A client for which the server forgets the pages of a list before some of the next ones are asked for. */
  function forgetting(isForgotten: (request: number) => boolean): KubeClient {
    let continued = 0;
    return {
      ...client,
      async get(path, query, signal) {
        if (query?.continue !== undefined && isForgotten(continued++)) {
          await server.requests.must("POST", pathOf(NAMESPACES), namespace(`late-${crypto.randomUUID()}`));
          await server.compact();
        }
        return client.get(path, query, signal);
      },
    };
  }

  it("begins again, with larger pages", async () => {
    const progress: number[] = [];
    const list = await listAll(
      forgetting((request) => request === 1),
      pathOf(PODS),
      {
        pageSize: 8,
        take: (item) => [(item.metadata as { uid: string }).uid],
        onProgress: (items) => progress.push(items),
      },
    );
    expect(progress).toEqual([8, 16, 16, 30]);
    expect(new Set(list.taken).size).toBe(30);
    expect(list.taken).toHaveLength(30);
  });

  it("is given up at last, with advice", async () => {
    const reading = listAll(
      forgetting(() => true),
      pathOf(PODS),
      { pageSize: 2, take: () => [] },
    );
    await expect(reading).rejects.toMatchObject({
      code: "server",
      message: expect.stringContaining("expired 4 times") as string,
    });
  });
});
