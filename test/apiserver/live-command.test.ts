import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Ajv2020 } from "ajv/dist/2020.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { podwall, ROOT, type RunResult } from "../cli/run-podwall.ts";
import { describeApiServer } from "./binaries.ts";
import { grant, mayList, namespace, networkPolicy, node, pod, type Rule } from "./cluster-objects.ts";
import { writeKubeconfig } from "./kubeconfig.ts";
import { type ApiObject, createObjects } from "./objects.ts";
import { type ApiServer, startApiServer } from "./start.ts";

const POLICIES = mayList("networking.k8s.io", "networkpolicies");
const mayGet = (name: string): Rule => ({
  apiGroups: [""],
  resources: ["namespaces"],
  resourceNames: [name],
  verbs: ["get"],
});

// What each user may do. Nobody but the administrator may read policies of the whole cluster's kinds.
const RIGHTS: readonly ApiObject[] = [
  ...grant("viewer", [mayList("", "pods", "nodes", "namespaces"), POLICIES]),
  ...grant("no-policies", [mayList("", "pods", "nodes", "namespaces")]),
  ...grant("no-nodes", [mayList("", "pods", "namespaces"), POLICIES]),
  ...grant("no-namespaces", [mayList("", "pods", "nodes"), POLICIES]),
  ...grant("developer", [mayList("", "pods"), POLICIES], "shop"),
  ...grant("named-namespace", [mayList("", "pods"), POLICIES, mayGet("shop")], "shop"),
];
const USERS = [
  "viewer",
  "no-policies",
  "no-nodes",
  "no-namespaces",
  "developer",
  "named-namespace",
  "nobody",
];

const OBJECTS: readonly ApiObject[] = [
  node("one", "192.0.2.1"),
  pod("shop", "web-0", { labels: { app: "web" }, owner: "web", node: "one", address: "10.1.0.1" }),
  pod("shop", "db-0", { labels: { app: "db" }, owner: "db", node: "one", address: "10.1.0.2" }),
  pod("batch", "job-0", { labels: { app: "job" }, owner: "job", node: "one", address: "10.1.0.3" }),
  pod("batch", "late-0", { owner: "late" }),
  networkPolicy("shop", "db", {
    podSelector: { matchLabels: { app: "db" } },
    ingress: [{ from: [{ podSelector: { matchLabels: { app: "web" } } }], ports: [{ port: 5432 }] }],
  }),
];

describeApiServer("podwall map and explain on a cluster", () => {
  let server: ApiServer;
  let kubeconfig: string;
  const as = (user: string, ...args: readonly string[]): Promise<RunResult> =>
    podwall([...args, "--kubeconfig", kubeconfig, "--context", user]);

  beforeAll(async () => {
    server = await startApiServer({ users: USERS.map((name) => ({ name })) });
    await createObjects(server.requests, [namespace("shop", { team: "shop" }), namespace("batch")]);
    await createObjects(server.requests, [...OBJECTS, ...RIGHTS]);
    kubeconfig = writeKubeconfig(server, "config", [
      ...["admin", ...USERS].map((name) => ({ name, user: { token: server.tokens[name] } })),
      { name: "in-shop", user: { token: server.tokens.admin }, namespace: "shop" },
    ]);
  });
  afterAll(() => server?.stop());

  it("maps the cluster of the current context", async () => {
    const { code, stdout, stderr } = await podwall([
      ...["map", "-o", "csv", "--kubeconfig", kubeconfig, "--to", "shop/db"],
    ]);
    expect(stderr).toBe("");
    expect(code).toBe(0);
    expect(stdout.trim().split(/\r?\n/)).toEqual([
      "from,to,ports,family",
      "shop/web[StatefulSet],shop/db[StatefulSet],TCP/5432,",
    ]);
  });

  it("leaves pods without an address out", async () => {
    const { stdout } = await as("admin", "map");
    expect(stdout).toContain("job");
    expect(stdout).not.toMatch(/^ +late\b/m);
    const { code, stderr } = await as("admin", "explain", "batch/late", "shop/db:5432");
    expect(code).toBe(2);
    expect(stderr).toBe(
      "podwall: pod batch/late-0 has no address yet, so it takes no part in any connection\n",
    );
  });

  it("explains with the objects' own names, in the namespace of the context", async () => {
    const { code, stdout } = await as("in-shop", "explain", "web", "db:5433");
    expect(code).toBe(1);
    expect(stdout).toContain("DENIED   shop/web-0  ->  shop/db-0  TCP 5433");
    expect(stdout).toContain("in-shop:networkpolicies/shop/db spec.ingress[0]");
  });

  it("explains as JSON that follows its schema", async () => {
    const { stdout } = await as("admin", "explain", "-o", "json", "batch/job", "shop/db:5432");
    const schema = readFileSync(`${ROOT}schemas/podwall.explain.v1.schema.json`, "utf8");
    const validate = new Ajv2020().compile(JSON.parse(schema) as object);
    validate(JSON.parse(stdout));
    expect(validate.errors ?? []).toEqual([]);
  });

  it("tests assertions about its objects, and knows pods without an address", async () => {
    const folder = mkdtempSync(join(tmpdir(), "podwall-live-test-"));
    const holds =
      "- {from: shop/web, to: shop/db:5432, expect: allow}\n- {from: batch/job, to: shop/db, expect: deny}\n";
    // The node of the objects is no outside address, and reaches its own pods.
    const outside = "- {from: outside, to: shop/db, expect: deny}\n";
    try {
      writeFileSync(join(folder, "a.podwall.yaml"), `cases:\n${holds}${outside}`);
      const good = await as("admin", "test", folder);
      expect([good.code, good.stderr]).toEqual([0, ""]);
      expect(good.stdout).toContain("3 passed, 0 failed");
      writeFileSync(
        join(folder, "a.podwall.yaml"),
        `cases:\n${holds}- {from: batch/late, to: shop/db, expect: deny}\n`,
      );
      const late = await as("admin", "test", folder);
      expect(late.code).toBe(2);
      expect(late.stdout).toContain("Pod batch/late-0 has no address yet");
      // Who may read a part alone gets no answer that the rest could change.
      const part = await as("developer", "test", folder);
      expect([part.code, part.stdout]).toEqual([2, ""]);
      const first = await as("admin", "test", "--init");
      expect(first.code).toBe(0);
      expect(first.stdout).toContain("  from: shop/web\n  to: shop/db:5432\n  expect: allow\n");
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("compares the cluster with what it would be once a folder is applied", async () => {
    const folder = mkdtempSync(join(tmpdir(), "podwall-live-diff-"));
    const policy = (name: string, app: string): string => `---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {namespace: shop, name: ${name}}
spec:
  podSelector: {matchLabels: {app: db}}
  ingress: [{from: [{podSelector: {matchLabels: {app: ${app}}}, namespaceSelector: {}}], ports: [{port: 5432}]}]
`;
    try {
      writeFileSync(join(folder, "policy.yaml"), policy("db", "job"));
      const replaced = await as("admin", "diff", folder, "--fail-on-open");
      expect(replaced.stderr).toBe("");
      expect(replaced.code).toBe(1);
      expect(replaced.stdout).toMatch(/OPENS {3}batch\/job {2}-> {2}shop\/db {2}TCP 5432/);
      expect(replaced.stdout).toMatch(/CLOSES {2}shop\/web {2,}-> {2}shop\/db {2}TCP 5432/);
      // What the folder does not have stays, unless it is pruned.
      writeFileSync(join(folder, "policy.yaml"), policy("more", "job"));
      const added = await as("admin", "diff", folder);
      expect(added.stderr).toContain("1 policy of the cluster is not in");
      expect(added.stdout).toContain("1 connection opens,");
      const pruned = await as("admin", "diff", folder, "--prune", "-o", "json");
      const { summary } = JSON.parse(pruned.stdout) as { summary: object };
      expect(summary).toMatchObject({ opens: 1, closes: 1, by: { pods: { opens: 0, closes: 0 } } });
      const forbidden = await as("no-policies", "diff", folder);
      expect(forbidden.code).toBe(2);
      expect(forbidden.stderr).toContain("context no-policies: 1 error");
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("wants either manifests or a cluster", async () => {
    const { code, stderr } = await as("admin", "map", "examples/shop");
    expect(code).toBe(2);
    expect(stderr).toContain("--context admin reads a cluster, examples/shop are manifests");
    const cidr = await as("admin", "map", "--pod-cidr", "10.0.0.0/8");
    expect(cidr.code).toBe(2);
    expect(cidr.stderr).toContain("--pod-cidr is for manifests");
  });

  describe("where something may not be read", () => {
    it("refuses to answer without policies, whatever is said of going on", async () => {
      const { code, stdout, stderr } = await as("no-policies", "map", "--keep-going");
      expect(code).toBe(2);
      expect(stdout).toBe("");
      expect(stderr).toContain("error  forbidden");
      expect(stderr).toContain(
        "You (user no-policies) may not list networkpolicies.networking.k8s.io in all namespaces.",
      );
      expect(stderr).toContain(
        'ClusterRole with the rule {apiGroups: ["networking.k8s.io"], resources: ["networkpolicies"], verbs: ["list"]}',
      );
      expect(stderr).toContain(
        `kubectl --kubeconfig ${kubeconfig} --context no-policies auth can-i list networkpolicies.networking.k8s.io -A`,
      );
    });

    it("names everything that is missing at once", async () => {
      const { code, stderr } = await as("nobody", "map");
      expect(code).toBe(2);
      const missing = [...stderr.matchAll(/may not list ([a-z8.]+[a-z])/g)].map(([, name]) => name);
      expect(missing).toEqual(["networkpolicies.networking.k8s.io", "nodes", "pods"]);
    });

    it("goes on without nodes, and says what that means", async () => {
      const { code, stdout, stderr } = await as("no-nodes", "map", "-o", "csv");
      expect(code).toBe(0);
      expect(stdout).toBe((await as("admin", "map", "-o", "csv")).stdout);
      expect(stderr).toContain("warning  forbidden");
      expect(stderr).toContain("further addresses of a node count as outside");
    });

    it("needs no namespaces until a policy asks for their labels", async () => {
      const without = await as("no-namespaces", "map");
      expect(without.stderr).toBe("");
      expect(without.code).toBe(0);
      const byName = { matchLabels: { "kubernetes.io/metadata.name": "shop" } };
      const byTeam = { matchLabels: { team: "shop" } };
      const policy = (selector: object): ApiObject =>
        networkPolicy("batch", "job", {
          podSelector: {},
          ingress: [{ from: [{ namespaceSelector: selector }] }],
        });
      const path = "/apis/networking.k8s.io/v1/namespaces/batch/networkpolicies";
      await createObjects(server.requests, [policy(byName)]);
      const named = await as("no-namespaces", "map", "-o", "csv", "--from", "shop/web", "--to", "batch/job");
      await server.requests.must("DELETE", `${path}/job`);
      expect(named.code).toBe(0);
      expect(named.stdout).toContain("shop/web[StatefulSet],batch/job[StatefulSet],all,");
      await createObjects(server.requests, [policy(byTeam)]);
      const labelled = await as("no-namespaces", "map");
      await server.requests.must("DELETE", `${path}/job`);
      expect(labelled.code).toBe(2);
      expect(labelled.stderr).toContain("Policies choose namespaces by labels");
    });

    it("explains two pods of a namespace that may be read alone: the answer is the same", async () => {
      const { code, stdout, stderr } = await as("developer", "explain", "shop/web", "shop/db:5432");
      expect(code).toBe(0);
      expect(stdout).toContain("ALLOWED");
      expect(stderr).toContain("read was only shop. For this question that is enough.");
    });

    it("does not explain addresses there unless told to go on", async () => {
      const question = ["explain", "10.1.0.3", "shop/web:80"];
      const { code, stderr } = await as("developer", ...question);
      expect(code).toBe(2);
      expect(stderr).toContain("The address may be that of a pod of another namespace");
      expect((await as("developer", ...question, "--keep-going")).code).toBe(0);
    });

    it("maps such a namespace only when told to go on, and says what is missing", async () => {
      const whole = await as("developer", "map");
      expect(whole.code).toBe(2);
      expect(whole.stderr).toContain("--namespace NAME --keep-going");
      const refused = await as("developer", "map", "--namespace", "shop");
      expect(refused.code).toBe(2);
      expect(refused.stderr).toContain("Connections from and to pods of other namespaces are missing.");
      const { code, stdout } = await as(
        "developer",
        "map",
        "--namespace",
        "shop",
        "--keep-going",
        "-o",
        "csv",
      );
      expect(code).toBe(0);
      expect(stdout).toContain("shop/web[StatefulSet],shop/db[StatefulSet],TCP/5432");
      expect(stdout).not.toContain("batch");
      const other = await as("developer", "map", "--namespace", "batch", "--keep-going");
      expect(other.code).toBe(2);
      expect(other.stderr).toContain("may not list pods in namespace batch");
    });

    it("reads the labels of such a namespace by its name, or says that it may not", async () => {
      const policy = networkPolicy("shop", "by-label", {
        podSelector: { matchLabels: { app: "web" } },
        ingress: [{ from: [{ namespaceSelector: { matchLabels: { team: "shop" } } }] }],
      });
      await createObjects(server.requests, [policy]);
      const allowed = await as("named-namespace", "explain", "shop/db", "shop/web:80");
      const refused = await as("developer", "explain", "shop/db", "shop/web:80");
      await server.requests.must(
        "DELETE",
        "/apis/networking.k8s.io/v1/namespaces/shop/networkpolicies/by-label",
      );
      expect(allowed.code).toBe(0);
      expect(allowed.stdout).toContain("by-label");
      expect(refused.code).toBe(2);
      expect(refused.stderr).toContain(
        'Role in shop with the rule {apiGroups: [""], resources: ["namespaces"], resourceNames: ["shop"], verbs: ["get"]}',
      );
      expect(refused.stderr).toContain("auth can-i get namespaces/shop -n shop");
    });
  });

  it("tells of policies of kinds that it does not evaluate", async () => {
    const group = "policies.example";
    const schema = { type: "object", "x-kubernetes-preserve-unknown-fields": true };
    const path = `/apis/${group}/v2/namespaces/shop/othernetworkpolicies`;
    await server.requests.must("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", {
      apiVersion: "apiextensions.k8s.io/v1",
      kind: "CustomResourceDefinition",
      metadata: { name: `othernetworkpolicies.${group}` },
      spec: {
        group,
        scope: "Namespaced",
        names: { plural: "othernetworkpolicies", kind: "OtherNetworkPolicy" },
        versions: [{ name: "v2", served: true, storage: true, schema: { openAPIV3Schema: schema } }],
      },
    });
    while ((await server.requests.send("GET", path)).status !== 200) await sleep(100);
    expect((await as("admin", "map")).stderr).toBe("");
    expect((await as("viewer", "map")).stderr).toContain(
      `warning  forbidden\n  You (user viewer) may not list othernetworkpolicies.${group}`,
    );
    for (const name of ["one", "two", "three"]) {
      const policy = { apiVersion: `${group}/v2`, kind: "OtherNetworkPolicy", metadata: { name } };
      await server.requests.must("POST", path, policy);
    }
    const { code, stderr } = await as("admin", "map");
    expect(code).toBe(0);
    expect(stderr).toContain("The cluster has 3 objects of OtherNetworkPolicy; they are not evaluated");
    expect(stderr).toContain(`kubectl get othernetworkpolicies.${group} -A`);
    await server.requests.must(
      "DELETE",
      `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/othernetworkpolicies.${group}`,
    );
    while ((await server.requests.send("GET", `/apis/${group}/v2`)).status !== 404) await sleep(100);
  });

  // From here on the kinds are installed: these tests come last.
  describe("with policies of the whole cluster", () => {
    it("asks for them only where they are installed", async ({ skip }) => {
      expect((await as("viewer", "map")).stderr).toBe("");
      if (process.env.KUBEBUILDER_ASSETS) return skip("the definitions come with our own build only");
      for (const plural of ["clusternetworkpolicies", "adminnetworkpolicies"]) await server.define(plural);
      const { code, stderr } = await as("viewer", "map");
      expect(code).toBe(2);
      expect(stderr).toContain("error  forbidden\n  You (user viewer) may not list clusternetworkpolicies.");
      expect(stderr).toContain("error  forbidden\n  You (user viewer) may not list adminnetworkpolicies.");
      expect(stderr).toContain("auth can-i list clusternetworkpolicies.policy.networking.k8s.io\n");
    });

    it("judges by them", async ({ skip }) => {
      if (process.env.KUBEBUILDER_ASSETS) return skip("the definitions come with our own build only");
      const question = ["map", "-o", "csv", "--to", "shop/web"];
      const fromBatch = "batch/job[StatefulSet],shop/web[StatefulSet]";
      expect((await as("admin", ...question)).stdout).toContain(`${fromBatch},all,`);
      const from = [{ namespaces: { matchLabels: { "kubernetes.io/metadata.name": "batch" } } }];
      const subject = { namespaces: { matchLabels: { team: "shop" } } };
      const group = "policy.networking.k8s.io";
      await createObjects(server.requests, [
        {
          apiVersion: `${group}/v1alpha2`,
          kind: "ClusterNetworkPolicy",
          metadata: { name: "new" },
          spec: {
            tier: "Admin",
            priority: 10,
            subject,
            ingress: [
              { action: "Accept", from, protocols: [{ tcp: { destinationPort: { number: 80 } } }] },
              { action: "Deny", from },
            ],
          },
        },
      ]);
      const { code, stdout, stderr } = await as("admin", ...question);
      expect(stderr).toBe("");
      expect(code).toBe(0);
      expect(stdout).toContain(`${fromBatch},TCP/80,`);
      await createObjects(server.requests, [
        {
          apiVersion: `${group}/v1alpha1`,
          kind: "AdminNetworkPolicy",
          metadata: { name: "old" },
          spec: { priority: 5, subject, ingress: [{ action: "Deny", from }] },
        },
      ]);
      expect((await as("admin", ...question)).stdout).not.toContain(fromBatch);
    });
  });
});
