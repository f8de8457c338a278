import type {
  ContainerPort,
  KubernetesObject,
  Labels,
  Namespace,
  NetworkPolicy,
  Node,
  Pod,
} from "../src/k8s/objects.ts";

/** A generated object as YAML in the block style of `kubectl get -o yaml`, without its bookkeeping fields. */
export function manifestText(object: KubernetesObject): string {
  return yaml(manifestOf(object), "").slice(1);
}

/** A generated object as the API serves it, without its bookkeeping fields. */
export function manifestOf(object: KubernetesObject): YamlValue {
  switch (object.kind) {
    case "Namespace":
      return namespaceManifest(object);
    case "Node":
      return nodeManifest(object);
    case "Pod":
      return podManifest(object);
    case "NetworkPolicy":
      return policyManifest(object);
    default:
      throw new Error(`no generator makes a ${object.kind}`);
  }
}

export type YamlValue =
  | string
  | number
  | boolean
  | readonly YamlValue[]
  | { readonly [key: string]: YamlValue };

function namespaceManifest({ name, labels }: Namespace): YamlValue {
  return { apiVersion: "v1", kind: "Namespace", metadata: { name, labels } };
}

function nodeManifest({ name, labels, addresses }: Node): YamlValue {
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: { name, labels },
    status: {
      addresses: [
        ...addresses.map((address) => ({ type: "InternalIP", address })),
        { type: "Hostname", address: name },
      ],
    },
  };
}

function podManifest(pod: Pod): YamlValue {
  const { namespace, name, labels, controller, nodeName, addresses, hostAddresses } = pod;
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name,
      namespace,
      labels: labels as Labels,
      ...(controller === undefined
        ? {}
        : { ownerReferences: [{ apiVersion: "apps/v1", ...controller, controller: true }] }),
    },
    spec: {
      containers: [{ name: "main", image: `${namespace}/main:1.0`, ports: pod.ports.map(portManifest) }],
      ...(pod.hostNetwork ? { hostNetwork: true } : {}),
      ...(nodeName === undefined ? {} : { nodeName }),
    },
    status: {
      phase: pod.phase ?? "Running",
      hostIPs: hostAddresses.map((ip) => ({ ip })),
      podIPs: addresses.map((ip) => ({ ip })),
    },
  };
}

function portManifest({ name, port, protocol }: ContainerPort): YamlValue {
  return { ...(name === undefined ? {} : { name }), containerPort: port, protocol };
}

function policyManifest({ namespace, name, spec }: NetworkPolicy): YamlValue {
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name, namespace },
    // The parsed form keeps the words of the API.
    spec: spec as unknown as YamlValue,
  };
}

/** The value as it follows a key or dash at this indentation: on the same line, or on lines of its own. */
function yaml(value: YamlValue, indent: string): string {
  if (Array.isArray(value)) {
    if (value.length === 0) return " []";
    return value.map((item: YamlValue) => `\n${indent}-${afterDash(item, indent)}`).join("");
  }
  if (typeof value === "object") {
    const entries = Object.entries(value);
    if (entries.length === 0) return " {}";
    return entries
      .map(([key, child]) => {
        const deeper = Array.isArray(child) ? indent : `${indent}  `;
        return `\n${indent}${yamlString(key)}:${yaml(child, deeper)}`;
      })
      .join("");
  }
  return ` ${typeof value === "string" ? yamlString(value) : value}`;
}

/** A mapping begins on the line of its dash. */
function afterDash(item: YamlValue, indent: string): string {
  const text = yaml(item, `${indent}  `);
  return text.startsWith("\n") ? ` ${text.slice(1 + indent.length + 2)}` : text;
}

/** Plain where no reader of YAML 1.1 could take it for anything but text: `y`, `off` and the like need quotes. */
function yamlString(text: string): string {
  const plain = /^[a-z][a-z0-9./_-]*$/i.test(text) && !/^(true|false|null|y|n|yes|no|on|off)$/i.test(text);
  return plain ? text : JSON.stringify(text);
}
