// A dump of a big cluster, as `kubectl get pods,namespaces,nodes,networkpolicies -A -o json` prints it: deterministic,
// and with all that real pods carry beside what policies depend on.

/** How a dump is written. `pretty` is kubectl's JSON, `compact` jq's `-c`, `lines` one object a line. */
export type DumpFormat = "pretty" | "compact" | "lines" | "yaml" | "stream";

/** Every format, with the suffix of its files. */
export const DUMP_FORMATS: Readonly<Record<DumpFormat, string>> = {
  pretty: "json",
  compact: "json",
  lines: "json",
  yaml: "yaml",
  stream: "yaml",
};

type Value = null | boolean | number | string | readonly Value[] | { readonly [key: string]: Value };
type Item = Record<string, Value>;

const PODS_A_NAMESPACE = 100;
const PODS_A_NODE = 50;

/** The text of a dump, piece by piece, until there are at least `bytes` of it. Ends with whole objects. */
export function* dump(format: DumpFormat, bytes: number): Generator<string> {
  const { head, tail, between, write } = LAYOUTS[format];
  let length = head.length + tail.length;
  yield head;
  let first = true;
  for (const item of items()) {
    const text = `${first ? "" : between}${write(item)}`;
    first = false;
    length += text.length;
    yield text;
    if (length >= bytes) break;
  }
  yield tail;
}

interface Layout {
  readonly head: string;
  readonly between: string;
  readonly tail: string;
  readonly write: (item: Item) => string;
}

const LAYOUTS: Readonly<Record<DumpFormat, Layout>> = {
  pretty: {
    head: '{\n    "apiVersion": "v1",\n    "items": [\n        ',
    between: ",\n        ",
    tail: '\n    ],\n    "kind": "List",\n    "metadata": {\n        "resourceVersion": ""\n    }\n}\n',
    write: (item) => JSON.stringify(item, null, 4).replaceAll("\n", "\n        "),
  },
  compact: {
    head: '{"apiVersion":"v1","items":[',
    between: ",",
    tail: '],"kind":"List","metadata":{"resourceVersion":""}}\n',
    write: (item) => JSON.stringify(item),
  },
  lines: { head: "", between: "\n", tail: "\n", write: (item) => JSON.stringify(item) },
  yaml: {
    head: "apiVersion: v1\nitems:\n",
    between: "",
    tail: 'kind: List\nmetadata:\n  resourceVersion: ""\n',
    write: (item) => yaml([item], 0),
  },
  stream: { head: "", between: "---\n", tail: "", write: (item) => yaml(item, 0) },
};

function* items(): Generator<Item> {
  const random = randomNumbers(1);
  for (let number = 0; ; number++) {
    if (number % PODS_A_NODE === 0) yield node(number / PODS_A_NODE);
    if (number % PODS_A_NAMESPACE === 0) {
      const count = number / PODS_A_NAMESPACE;
      yield namespace(count);
      yield policy(count, "default-deny");
      yield policy(count, "allow-api");
    }
    yield pod(number, random);
  }
}

function namespaceName(number: number): string {
  return `team-${number}`;
}

function head(kind: string, name: string, extra: Item, apiVersion = "v1"): Item {
  return {
    apiVersion,
    kind,
    metadata: { creationTimestamp: "2026-02-03T10:11:12Z", ...extra, name, uid: uid(name) },
  };
}

function uid(text: string): string {
  let hash = 2166136261;
  for (const c of text) hash = Math.imul(hash ^ c.charCodeAt(0), 16777619);
  const hex = (hash >>> 0).toString(16).padStart(8, "0");
  return `${hex}-1f2e-4c3d-8a9b-${hex}c0de`;
}

function namespace(number: number): Item {
  const name = namespaceName(number);
  const labels = { "kubernetes.io/metadata.name": name, team: `t${number % 40}`, stage: stage(number) };
  return {
    ...head("Namespace", name, { labels }),
    spec: { finalizers: ["kubernetes"] },
    status: { phase: "Active" },
  };
}

function stage(number: number): string {
  return ["production", "staging", "development"][number % 3]!;
}

function node(number: number): Item {
  const name = `node-${number}.example.internal`;
  const labels = {
    "kubernetes.io/arch": "amd64",
    "kubernetes.io/hostname": name,
    "topology.kubernetes.io/zone": `zone-${number % 3}`,
  };
  return {
    ...head("Node", name, { labels }),
    spec: { podCIDR: `10.${number >> 8}.${number & 255}.0/24` },
    status: {
      addresses: [
        { address: nodeAddress(number), type: "InternalIP" },
        { address: name, type: "Hostname" },
      ],
      capacity: { cpu: "16", memory: "65536Mi", pods: "110" },
      conditions: [
        {
          lastHeartbeatTime: "2026-02-03T10:11:12Z",
          message: "kubelet is ready",
          status: "True",
          type: "Ready",
        },
      ],
    },
  };
}

function nodeAddress(number: number): string {
  return `172.20.${number >> 8}.${number & 255}`;
}

function policy(number: number, name: string): Item {
  const spec: Item =
    name === "default-deny"
      ? { podSelector: {}, policyTypes: ["Ingress"] }
      : {
          podSelector: { matchLabels: { app: `app-${number % 10}` } },
          policyTypes: ["Ingress"],
          ingress: [
            {
              from: [
                { podSelector: { matchLabels: { app: `app-${(number + 1) % 10}` } } },
                { namespaceSelector: { matchLabels: { team: `t${number % 40}` } } },
                { ipBlock: { cidr: "192.168.0.0/16", except: ["192.168.7.0/24"] } },
              ],
              ports: [{ port: 8080, protocol: "TCP" }],
            },
          ],
        };
  return {
    ...head("NetworkPolicy", name, { namespace: namespaceName(number) }, "networking.k8s.io/v1"),
    spec,
  };
}

function pod(number: number, random: () => number): Item {
  const namespaceNumber = Math.floor(number / PODS_A_NAMESPACE);
  const nodeNumber = Math.floor(number / PODS_A_NODE);
  const app = `app-${number % 10}`;
  const hash = `${(number % 10) + 100000}abcd`;
  const suffix = Math.floor(random() * 36 ** 5)
    .toString(36)
    .padStart(5, "0");
  const name = `${app}-${hash}-${suffix}-${number}`;
  const address = `10.${(number >> 16) + 1}.${(number >> 8) & 255}.${number & 255}`;
  const metadata = {
    generateName: `${app}-${hash}-`,
    labels: {
      app,
      "app.kubernetes.io/instance": app,
      "app.kubernetes.io/managed-by": "Helm",
      "pod-template-hash": hash,
      tier: ["front", "middle", "back"][number % 3]!,
    },
    managedFields: managedFields(),
    namespace: namespaceName(namespaceNumber),
    ownerReferences: [
      {
        apiVersion: "apps/v1",
        blockOwnerDeletion: true,
        controller: true,
        kind: "ReplicaSet",
        name: `${app}-${hash}`,
        uid: uid(`${app}-${namespaceNumber}`),
      },
    ],
    resourceVersion: String(1_000_000 + number),
  };
  return {
    ...head("Pod", name, metadata),
    spec: podSpec(app, nodeNumber),
    status: podStatus(app, nodeNumber, address, number),
  };
}

function managedFields(): Value {
  return [
    {
      apiVersion: "v1",
      fieldsType: "FieldsV1",
      fieldsV1: {
        "f:metadata": { "f:labels": { ".": {}, "f:app": {}, "f:tier": {} } },
        "f:spec": { "f:containers": { 'k:{"name":"main"}': { ".": {}, "f:env": {}, "f:image": {} } } },
      },
      manager: "kube-controller-manager",
      operation: "Update",
      time: "2026-02-03T10:11:12Z",
    },
  ];
}

function podSpec(app: string, nodeNumber: number): Value {
  return {
    containers: [
      {
        env: [
          { name: "DATABASE_URL", value: "postgres://db.data.svc.cluster.local:5432/orders?sslmode=disable" },
          { name: "POD_NAME", valueFrom: { fieldRef: { apiVersion: "v1", fieldPath: "metadata.name" } } },
        ],
        image: `images.example.com/${app}:1.2.3`,
        name: "main",
        ports: [
          { containerPort: 8080, name: "http", protocol: "TCP" },
          { containerPort: 9090, name: "metrics", protocol: "TCP" },
        ],
        resources: { limits: { memory: "256Mi" }, requests: { cpu: "100m", memory: "128Mi" } },
        volumeMounts: [{ mountPath: "/var/run/secrets", name: "kube-api-access", readOnly: true }],
      },
    ],
    nodeName: `node-${nodeNumber}.example.internal`,
    restartPolicy: "Always",
    serviceAccountName: "default",
    tolerations: [{ effect: "NoExecute", key: "node.kubernetes.io/not-ready", operator: "Exists" }],
    volumes: [
      { name: "kube-api-access", projected: { defaultMode: 420, sources: [{ configMap: { name: "ca" } }] } },
    ],
  };
}

function podStatus(app: string, nodeNumber: number, address: string, number: number): Value {
  return {
    conditions: ["Ready", "PodScheduled"].map((type) => ({
      lastProbeTime: null,
      lastTransitionTime: "2026-02-03T10:11:12Z",
      status: "True",
      type,
    })),
    containerStatuses: [
      {
        containerID: `containerd://${uid(String(number))}${uid(app)}`,
        image: `images.example.com/${app}:1.2.3`,
        name: "main",
        ready: true,
        restartCount: number % 4,
        state: { running: { startedAt: "2026-02-03T10:11:12Z" } },
      },
    ],
    hostIP: nodeAddress(nodeNumber),
    phase: "Running",
    podIP: address,
    podIPs: [{ ip: address }],
    qosClass: "Burstable",
  };
}

/** kubectl's YAML: lists at the indent of their key, text in quotes where it would be read as something else. */
function yaml(value: Value, indent: number): string {
  const pad = " ".repeat(indent);
  if (Array.isArray(value)) {
    return value.map((item: Value) => `${pad}- ${yaml(item, indent + 2).slice(indent + 2)}`).join("");
  }
  if (typeof value !== "object" || value === null) return `${pad}${scalar(value as Value)}\n`;
  let text = "";
  for (const [key, field] of Object.entries(value)) {
    const name = `${pad}${scalar(key)}:`;
    if (typeof field !== "object" || field === null) text += `${name} ${scalar(field)}\n`;
    else if (Object.keys(field).length === 0) text += `${name} ${Array.isArray(field) ? "[]" : "{}"}\n`;
    else text += `${name}\n${yaml(field, Array.isArray(field) ? indent : indent + 2)}`;
  }
  return text;
}

function scalar(value: Value): string {
  if (typeof value !== "string") return String(value);
  return /^[A-Za-z/][\w./-]*$/.test(value) && !/^(?:true|false|yes|no|on|off|y|n|null)$/i.test(value)
    ? value
    : JSON.stringify(value);
}

/** Numbers from 0 to 1, the same ones each time (Park and Miller's generator). */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
}
