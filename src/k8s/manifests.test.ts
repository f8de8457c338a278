import { describe, expect, it } from "vitest";
import { parseManifests } from "./manifests.ts";
import { parseObject } from "./object.ts";
import type { KubernetesObject } from "./objects.ts";

function parse(...texts: readonly string[]): ReturnType<typeof parseManifests> {
  return parseManifests(texts.map((text, i) => ({ file: `${i}.yaml`, text })));
}

function bare(objects: readonly KubernetesObject[]): unknown[] {
  return objects.map(({ origin: _origin, ...object }) => object);
}

function codes(result: ReturnType<typeof parseManifests>): string[] {
  return result.findings.map(({ code }) => code);
}

const POLICY = `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: db, namespace: shop, annotations: {note: x}, labels: {team: a}}
spec:
  podSelector: {matchLabels: {app: db}}
  policyTypes: [Ingress, Egress]
  ingress:
  - from:
    - podSelector: {matchExpressions: [{key: app, operator: In, values: [api, "yes"]}]}
      namespaceSelector: {}
    - ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16]}
    ports:
    - {port: 3306}
    - {protocol: UDP, port: 5000, endPort: 5010}
    - {port: http}
    - {protocol: SCTP}
  - {}
  egress: []
`;

describe("parseManifests", () => {
  it("reads a NetworkPolicy as it is written", () => {
    const result = parse(POLICY);
    expect(result.findings).toEqual([]);
    expect(bare(result.objects)).toEqual([
      {
        kind: "NetworkPolicy",
        namespace: "shop",
        name: "db",
        broken: false,
        spec: {
          podSelector: { matchLabels: { app: "db" } },
          policyTypes: ["Ingress", "Egress"],
          ingress: [
            {
              from: [
                {
                  podSelector: { matchExpressions: [{ key: "app", operator: "In", values: ["api", "yes"] }] },
                  namespaceSelector: {},
                },
                { ipBlock: { cidr: "10.0.0.0/8", except: ["10.1.0.0/16"] } },
              ],
              ports: [
                { port: 3306 },
                { protocol: "UDP", port: 5000, endPort: 5010 },
                { port: "http" },
                { protocol: "SCTP" },
              ],
            },
            {},
          ],
          egress: [],
        },
      },
    ]);
  });

  it("takes null for absent, and an empty policyTypes too", () => {
    const head = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: a}\n";
    const rule = "ingress: [{from: [{podSelector: null, namespaceSelector: {}}], ports: [{port: null}]}]";
    const result = parse(`${head}spec: {podSelector: {}, policyTypes: [], egress: null, ${rule}}`);
    expect(result.findings).toEqual([]);
    expect(result.objects[0]).toMatchObject({
      namespace: "default",
      spec: { podSelector: {}, ingress: [{ from: [{ namespaceSelector: {} }], ports: [{}] }] },
    });
    expect(Object.keys((result.objects[0] as { spec: object }).spec)).toEqual(["podSelector", "ingress"]);
  });

  it("keeps lists and labels of a policy that are written without a value, as empty", () => {
    const text = POLICY.slice(0, POLICY.indexOf("spec:"));
    const result = parse(`${text}spec:
  podSelector: {matchLabels: }
  ingress:
  - {from: , ports: }
  - {}
`);
    expect(result.findings).toEqual([]);
    expect(bare(result.objects)).toMatchObject([
      { spec: { podSelector: { matchLabels: {} }, ingress: [{ from: [], ports: [] }, {}] } },
    ]);
  });

  it("reads pods, nodes and namespaces as a cluster prints them", () => {
    const result = parse(`
apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: Pod
  metadata:
    name: web-0
    namespace: shop
    uid: 1b
    creationTimestamp: "2024-01-01T00:00:00Z"
    labels: {app: web}
    ownerReferences:
    - {apiVersion: v1, kind: Node, name: n, uid: x}
    - {apiVersion: apps/v1, kind: StatefulSet, name: web, uid: y, controller: true}
    managedFields: [{manager: kubectl}]
  spec:
    nodeName: n1
    hostNetwork: true
    initContainers:
    - {name: once, ports: [{containerPort: 1}]}
    - {name: side, restartPolicy: Always, ports: [{containerPort: 2, name: metrics}]}
    containers:
    - {name: a, ports: [{containerPort: 80, name: http, protocol: ""}, {containerPort: 53, protocol: UDP}]}
    - {name: b}
  status:
    phase: Running
    podIP: 10.0.0.1
    podIPs: [{ip: 10.0.0.1}, {ip: "FD00::0:1"}]
    hostIP: 192.168.0.1
- apiVersion: v1
  kind: Node
  metadata: {name: n1, labels: {zone: a}}
  status:
    addresses:
    - {type: InternalIP, address: 192.168.0.1}
    - {type: Hostname, address: n1}
    - {type: ExternalIP, address: "2001:db8::1"}
- apiVersion: v1
  kind: Namespace
  metadata: {name: shop, labels: {team: a}}
- apiVersion: v1
  kind: Secret
  metadata: {name: web}
- apiVersion: v1
  kind: Secret
  metadata: {name: api}
`);
    expect(result.findings).toEqual([]);
    expect([...result.skipped]).toEqual([["Secret", 2]]);
    expect(bare(result.objects)).toEqual([
      {
        kind: "Pod",
        namespace: "shop",
        name: "web-0",
        labels: { app: "web" },
        ports: [
          { name: "metrics", port: 2, protocol: "TCP" },
          { name: "http", port: 80, protocol: "TCP" },
          { port: 53, protocol: "UDP" },
        ],
        hostNetwork: true,
        nodeName: "n1",
        addresses: ["10.0.0.1", "fd00::1"],
        hostAddresses: ["192.168.0.1"],
        phase: "Running",
        controller: { kind: "StatefulSet", name: "web" },
      },
      { kind: "Node", name: "n1", labels: { zone: "a" }, addresses: ["192.168.0.1", "2001:db8::1"] },
      { kind: "Namespace", name: "shop", labels: { team: "a" } },
    ]);
  });

  it.each([
    ["Deployment", "apps/v1", "replicas: 3", 3],
    ["StatefulSet", "apps/v1", "replicas: 0", 0],
    ["DaemonSet", "apps/v1", "updateStrategy: {}", 1],
    ["ReplicaSet", "apps/v1", "minReadySeconds: 1", 1],
    ["ReplicationController", "v1", "replicas: 2, selector: {app: w}", 2],
    ["Job", "batch/v1", "parallelism: 4, completions: 8", 4],
  ])("reads a %s", (kind, apiVersion, fields, replicas) => {
    const template =
      "template: {metadata: {labels: {app: w}}, spec: {containers: [{ports: [{containerPort: 1}]}]}}";
    const result = parse(
      `{apiVersion: ${apiVersion}, kind: ${kind}, metadata: {name: w}, spec: {${fields}, ${template}}}`,
    );
    expect(result.findings).toEqual([]);
    expect(bare(result.objects)).toEqual([
      {
        kind,
        namespace: "default",
        name: "w",
        replicas,
        template: { labels: { app: "w" }, ports: [{ port: 1, protocol: "TCP" }], hostNetwork: false },
      },
    ]);
  });

  it("reads a CronJob", () => {
    const template = "template: {metadata: {labels: {app: c}}}";
    const result = parse(
      `{apiVersion: batch/v1, kind: CronJob, metadata: {name: c}, spec: {jobTemplate: {spec: {${template}}}}}`,
    );
    expect(result.findings).toEqual([]);
    expect(result.objects[0]).toMatchObject({
      kind: "CronJob",
      replicas: 1,
      template: { labels: { app: "c" } },
    });
  });

  it("gives items of a typed list their kind", () => {
    const result = parse(
      "{apiVersion: v1, kind: PodList, items: [{metadata: {name: a}}, {metadata: {name: b}}]}",
      "{apiVersion: networking.k8s.io/v1, kind: NetworkPolicyList, items: [{metadata: {name: c}, spec: {podSelector: {}}}]}",
      "{apiVersion: v1, kind: PodList, items: null}",
      "{apiVersion: v1, kind: ConfigMapList, items: [{metadata: {name: d}}]}",
    );
    expect(result.findings).toEqual([]);
    expect(result.objects.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      "Pod a",
      "Pod b",
      "NetworkPolicy c",
    ]);
    expect([...result.skipped]).toEqual([["ConfigMap", 1]]);
  });

  it("skips the kinds of others", () => {
    const result = parse(
      "{apiVersion: batch.volcano.sh/v1, kind: Job, metadata: {name: a}}",
      "{apiVersion: networking.k8s.io/v1, kind: IPAddress, metadata: {name: a}}",
      "{apiVersion: example.org/v1, kind: AllowList, spec: {}}",
    );
    expect(result.findings).toEqual([]);
    expect([...result.skipped.keys()]).toEqual(["Job.batch.volcano.sh", "IPAddress", "AllowList"]);
  });

  it.each([
    ["crd.projectcalico.org/v1", "NetworkPolicy", "NetworkPolicy.crd.projectcalico.org is not evaluated"],
    ["projectcalico.org/v3", "GlobalNetworkPolicy", "GlobalNetworkPolicy.projectcalico.org is not evaluated"],
    ["cilium.io/v2", "CiliumNetworkPolicy", "CiliumNetworkPolicy.cilium.io is not evaluated"],
    ["cilium.io/v2", "CiliumClusterwideNetworkPolicy", "is not evaluated"],
    ["crd.antrea.io/v1beta1", "ClusterNetworkPolicy", "ClusterNetworkPolicy.crd.antrea.io is not evaluated"],
    ["example.org/v1", "EdgeNetworkPolicies", "is not evaluated"],
  ])("warns of policies of %s, %s", (apiVersion, kind, words) => {
    const result = parse(
      `{apiVersion: ${apiVersion}, kind: ${kind}, metadata: {name: a, namespace: b}, spec: {}}`,
    );
    expect(result.findings).toMatchObject([{ code: "unsupported-kind", severity: "warning" }]);
    expect(result.findings[0]?.message).toContain(words);
    expect(result.objects).toEqual([]);
    expect(result.skipped.size).toBe(0);
  });

  it.each([
    ["Job", "{conditions: [{type: Suspended, status: 'False'}, {type: Complete, status: 'True'}]}", true],
    ["Job", "{conditions: [{type: Failed, status: 'True'}]}", true],
    ["Job", "{conditions: [{type: Failed, status: 'False'}]}", undefined],
    ["Job", "{active: 1}", undefined],
    ["ReplicaSet", "{conditions: [{type: Complete, status: 'True'}]}", undefined],
  ])("knows whether a %s with status %s is finished", (kind, status, finished) => {
    const apiVersion = kind === "Job" ? "batch/v1" : "apps/v1";
    const result = parse(
      `{apiVersion: ${apiVersion}, kind: ${kind}, metadata: {name: j}, spec: {template: {}}, status: ${status}}`,
    );
    expect(result.findings).toEqual([]);
    expect((result.objects[0] as { finished?: boolean }).finished).toBe(finished);
  });

  it("keeps both of two policies with one name", () => {
    const result = parse(POLICY, POLICY);
    expect(result.objects).toHaveLength(2);
    expect(result.findings).toMatchObject([
      { code: "duplicate-object", position: { file: "1.yaml", line: 4, column: 18 } },
    ]);
    expect(result.findings[0]?.message).toContain("0.yaml:4:18");
  });

  it("leaves out a pod whose labels cannot be read", () => {
    const result = parse("{apiVersion: v1, kind: Pod, metadata: {name: a, labels: {x: yes}}}");
    expect(result.objects).toEqual([]);
    expect(codes(result)).toEqual(["label-not-string"]);
  });

  it("leaves the policies around broken ones alone", () => {
    const result = parse(`${POLICY}---\nkind: [\n---${POLICY.replace("name: db", "name: api")}`);
    expect(result.objects.map(({ name }) => name)).toEqual(["db", "api"]);
    expect(codes(result)).toEqual(["yaml-syntax"]);
  });

  it("does not fail on many findings", () => {
    const pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: A}\n---\n";
    expect(parse(pod.repeat(3000)).findings).toHaveLength(3000);
  });
});

const SPEC =
  "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: p, namespace: shop}\nspec:\n";

describe("broken policies", () => {
  const app = { matchLabels: { app: "db" } };
  const both = ["Ingress", "Egress"];

  it.each<[string, string, unknown, readonly string[]]>([
    ["a bad rule", "podSelector: {matchLabels: {app: db}}\ningress: [{from: [{}]}]", app, ["Ingress"]],
    [
      "a bad rule with types",
      "podSelector: {matchLabels: {app: db}}\npolicyTypes: [Egress]\negress: [{ports: [{port: 0}]}]",
      app,
      ["Egress"],
    ],
    ["a bad egress rule", "podSelector: {matchLabels: {app: db}}\negress: [{to: [{}]}]", app, both],
    ["an egress that is no list", "podSelector: {matchLabels: {app: db}}\negress: {}", app, both],
    [
      "an empty egress",
      "podSelector: {matchLabels: {app: db}}\negress: []\ningress: [{from: [{}]}]",
      app,
      ["Ingress"],
    ],
    ["a bad type", "podSelector: {matchLabels: {app: db}}\npolicyTypes: [ingress]", app, both],
    ["a misspelt policyTypes", "podSelector: {matchLabels: {app: db}}\npolicytypes: [Ingress]", app, both],
    [
      "a misspelt field beside types",
      "podSelector: {matchLabels: {app: db}}\npolicyTypes: [Ingress]\ningres: []",
      app,
      ["Ingress"],
    ],
    ["a bad selector", "podSelector: {matchLabels: {app: yes}}\npolicyTypes: [Ingress]", {}, ["Ingress"]],
    ["an unknown selector field", "podSelector: {matchlabels: {app: db}}", {}, ["Ingress"]],
    ["no selector", "policyTypes: [Ingress]", {}, ["Ingress"]],
    ["a doubled selector", "podSelector: {}\npodSelector: {}\npolicyTypes: [Ingress]", {}, ["Ingress"]],
    [
      "a doubled rule field",
      "podSelector: {matchLabels: {app: db}}\ningress: [{from: [], from: []}]",
      app,
      ["Ingress"],
    ],
    ["a doubled egress", "podSelector: {matchLabels: {app: db}}\negress: []\negress: []", app, both],
  ])("%s closes what it may have selected", (_name, spec, podSelector, policyTypes) => {
    const { objects, findings } = parse(SPEC + spec.replace(/^/gm, "  "));
    expect(findings.filter(({ severity }) => severity === "error").length).toBeGreaterThan(0);
    expect(bare(objects)).toEqual([
      {
        kind: "NetworkPolicy",
        namespace: "shop",
        name: "p",
        broken: true,
        spec: { podSelector, policyTypes, ingress: [], egress: [] },
      },
    ]);
  });

  it.each([
    ["a doubled annotation", SPEC.replace("namespace: shop", "namespace: shop, annotations: {a: x, a: y}")],
    ["a doubled status", `status: {a: 1, a: 2}\n${SPEC}`],
    ["a bad apiVersion", SPEC.replace("networking.k8s.io/v1", "extensions/v1beta1")],
    ["a bad kind", SPEC.replace("kind: NetworkPolicy", "kind: NetworkPolcy")],
    ["no kind", SPEC.replace("kind: NetworkPolicy\n", "")],
    ["a bad name", SPEC.replace("name: p", "name: P")],
  ])("%s makes it broken", (_name, head) => {
    const { objects } = parse(`${head}  podSelector: {matchLabels: {app: db}}\n`);
    expect(objects).toMatchObject([
      { broken: true, namespace: "shop", spec: { podSelector: app, policyTypes: ["Ingress"] } },
    ]);
  });

  it("is only warned of what is doubtful", () => {
    const { objects } = parse(
      `${SPEC}  podSelector: {}\n  ingress: [{from: [{ipBlock: {cidr: 10.0.0.1/8}}]}]\n`,
    );
    expect(objects).toMatchObject([{ broken: false }]);
  });

  it("is named by its place if it has no name", () => {
    const { objects } = parse(
      "\n\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nspec: {podSelector: {}}\n",
    );
    expect(objects).toMatchObject([{ broken: true, namespace: "default", name: "policy-at-line-3" }]);
  });

  it("is found in a list without its dash, and in a list without a kind", () => {
    const policy =
      "{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: a}, spec: {podSelector: {}}}";
    const result = parse(
      `{apiVersion: v1, kind: List, items: ${policy}}`,
      `[${policy.replace("name: a", "name: b")}]`,
    );
    expect(result.objects.map(({ name }) => name)).toEqual(["a", "b"]);
    expect(codes(result)).toEqual(["wrong-type", "not-an-object"]);
  });

  it.each([
    ["two policies without separator", `${POLICY}${POLICY}`],
    [
      "a doubled kind in a list",
      `{apiVersion: v1, kind: List, items: [{kind: NetworkPolicy, kind: NetworkPolicy}]}`,
    ],
    ["a broken text", `${POLICY}\n  x: "`],
    ["broken JSON", '{"kind": "NetworkPolicy",'],
    ["binary", "kind: NetworkPolicy\0"],
  ])("%s cannot be closed, and says so", (_name, text) => {
    expect(codes(parse(text))).toContain("policy-unreadable");
  });
});

describe("parseObject", () => {
  it("reads a value of an API server, which has no text behind it", () => {
    const origin = { file: "cluster", position: () => ({ file: "cluster", line: 0, column: 0 }) };
    const value = { apiVersion: "v1", kind: "Pod", metadata: { name: "a", labels: { x: 5 } } };
    const { objects, findings } = parseObject(value, origin);
    expect(objects).toEqual([]);
    expect(findings).toMatchObject([
      { code: "label-not-string", help: 'Quote it: x: "5"', object: "Pod default/a" },
    ]);
  });
});
