import { describe, expect, it } from "vitest";
import { formatPosition } from "./location.ts";
import { parseManifests } from "./manifests.ts";

function found(marked: string): { readonly place: string; readonly found: string[]; readonly help: string } {
  const before = marked.slice(0, marked.indexOf("§")).split("\n");
  const { findings } = parseManifests([{ file: "f", text: marked.replace("§", "") }]);
  return {
    place: `f:${before.length}:${before.at(-1)!.length + 1} error unknown-field`,
    found: findings.map(({ position, severity, code }) => `${formatPosition(position)} ${severity} ${code}`),
    help: findings.map(({ help }) => help ?? "").join("\n"),
  };
}

function object(kind: string, rest: string): string {
  const apiVersion = { Pod: "v1", Namespace: "v1", Node: "v1", Job: "batch/v1", CronJob: "batch/v1" }[kind];
  return `apiVersion: ${apiVersion ?? "apps/v1"}\nkind: ${kind}\nmetadata: {name: d}\n${rest}`;
}

function template(text: string): string {
  return object("Deployment", `spec: {template: ${text}}\n`);
}

describe("a field that is misplaced or misspelt", () => {
  it.each([
    ["labels of a pod", object("Pod", "§labels: {app: a}\n"), "under metadata:"],
    ["labels of a namespace", object("Namespace", "§labels: {app: a}\n"), "under metadata:"],
    ["labels of a node", object("Node", "§labels: {app: a}\n"), "under metadata:"],
    ["template of a workload", `${template("{}")}§template: {}\n`, "Indent template under spec:"],
    ["a misspelt top field", object("Pod", "§Spec: {}\n"), "Did you mean spec?"],
    [
      "metadata.label",
      "apiVersion: v1\nkind: Pod\nmetadata: {name: a, §label: {a: b}}\n",
      "Did you mean labels?",
    ],
    ["labels of a template", template("{§labels: {app: a}, spec: {}}"), "under metadata:"],
    ["metadata.label of a template", template("{metadata: {§label: {app: a}}}"), "Did you mean labels?"],
    [
      "labels of a template of a CronJob",
      object("CronJob", "spec: {jobTemplate: {spec: {template: {§labels: {app: a}}}}}\n"),
      "under metadata:",
    ],
    ["hostnetwork", object("Pod", "spec: {§hostnetwork: true}\n"), "Did you mean hostNetwork?"],
    ["nodename", object("Pod", "spec: {§nodename: a}\n"), "Did you mean nodeName?"],
    ["container", object("Pod", "spec: {§container: []}\n"), "Did you mean containers?"],
    ["Ports", object("Pod", "spec: {containers: [{name: c, §Ports: []}]}\n"), "Did you mean ports?"],
    [
      "restartpolicy of a sidecar",
      object("Pod", "spec: {initContainers: [{§restartpolicy: Always}]}\n"),
      "Did you mean restartPolicy?",
    ],
    [
      "Protocol",
      object("Pod", "spec: {containers: [{ports: [{containerPort: 1, §Protocol: UDP}]}]}\n"),
      "Did you mean protocol?",
    ],
    ["hostnetwork of a template", template("{spec: {§hostnetwork: true}}"), "Did you mean hostNetwork?"],
    ["Replicas", object("Deployment", "spec: {§Replicas: 3, template: {}}\n"), "Did you mean replicas?"],
  ])("is an error: %s", (_name, text, words) => {
    const result = found(text);
    expect(result.found).toEqual([result.place]);
    expect(result.help).toContain(words);
  });

  it("is not what a cluster prints", () => {
    const metadata = `{name: a, generateName: a-, uid: u, resourceVersion: "1", generation: 1, selfLink: /a,
      creationTimestamp: "2024-01-01T00:00:00Z", deletionTimestamp: "2024-01-01T00:00:00Z",
      deletionGracePeriodSeconds: 30, annotations: {a: b}, labels: {a: b}, finalizers: [a],
      ownerReferences: [{apiVersion: v1, kind: Node, name: n, uid: x}], managedFields: [{manager: kubectl}]}`;
    const spec = `{hostname: a, hostPID: true, hostIPC: true, hostUsers: false, subdomain: a, nodeSelector: {},
      affinity: {}, dnsPolicy: Default, dnsConfig: {}, restartPolicy: Always, serviceAccount: a, volumes: [],
      ephemeralContainers: [], overhead: {}, tolerations: [], priority: 0, os: {name: linux}, hostNetwork: false,
      containers: [{name: a, image: a, env: [], args: [], command: [], tty: true, stdin: true, ports:
      [{name: a, containerPort: 1, hostPort: 1, hostIP: 10.0.0.1, protocol: TCP}], resources: {}}]}`;
    const pod = `{apiVersion: v1, kind: Pod, metadata: ${metadata}, spec: ${spec}, status: {}}`;
    const job = `{apiVersion: batch/v1, kind: Job, metadata: ${metadata}, status: {}, spec: {completions: 1,
      backoffLimit: 1, manualSelector: true, template: {metadata: {creationTimestamp: null}, spec: ${spec}}}}`;
    const node = `{apiVersion: v1, kind: Node, metadata: ${metadata}, spec: {podCIDR: 10.0.0.0/24}, status: {}}`;
    const namespace = `{apiVersion: v1, kind: Namespace, metadata: ${metadata}, spec: {finalizers: [a]}, status: {}}`;
    const text = [pod, job, node, namespace].join("\n---\n");
    expect(parseManifests([{ file: "f", text }]).findings).toEqual([]);
  });
});
