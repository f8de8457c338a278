import { type ApiObject, listPath } from "../objects.ts";
import { ANY_TYPE, FIELD_VALUES, LABEL_KEYS, LABEL_VALUES } from "./values.ts";

/** An object that policies are about, with one value tried in it. */
export interface TriedObject {
  readonly object: object;
  /** The list that it is sent to. */
  readonly list: string;
  readonly what: string;
}

/** Namespaces, pods and workloads with values in the fields that our reader looks at: most of them wrong. */
export function* triedObjects(): Iterable<TriedObject> {
  for (const name of FIELD_VALUES.name!) {
    for (const make of MAKERS) yield tried(make({}), (object) => set(object, ["metadata", "name"], name));
  }
  const labels = [
    ...LABEL_KEYS.map((key) => Object.fromEntries([[key, "a"]])),
    ...LABEL_VALUES.map((value) => ({ app: value })),
    ...ANY_TYPE,
  ];
  for (const each of labels) {
    for (const make of MAKERS) yield tried(make({}), (object) => set(object, ["metadata", "labels"], each));
    yield tried(deployment({}), (object) => {
      set(object, ["spec", "selector", "matchLabels"], each);
      return set(object, ["spec", "template", "metadata", "labels"], each);
    });
    yield tried(deployment({}), (object) => set(object, ["spec", "selector", "matchLabels"], each));
  }
  const ports = [
    ...FIELD_VALUES.port!.map((containerPort) => ({ containerPort })),
    ...FIELD_VALUES.port!.map((name) => ({ name, containerPort: 80 })),
    ...FIELD_VALUES.protocol!.map((protocol) => ({ protocol, containerPort: 80 })),
    ...ANY_TYPE,
  ];
  for (const port of ports) {
    for (const make of [pod, deployment]) yield tried(make({ ports: [port] }), () => JSON.stringify(port));
  }
  for (const hostNetwork of ANY_TYPE) {
    yield tried(pod({}), (object) => set(object, ["spec", "hostNetwork"], hostNetwork));
  }
}

function tried(object: ApiObject, change: (object: object) => string): TriedObject {
  const list = listPath(object);
  return { what: `${object.kind}: ${change(object)}`, list, object };
}

function set(object: object, path: readonly string[], value: unknown): string {
  let holder = object as Record<string, unknown>;
  for (const step of path.slice(0, -1)) holder = holder[step] as Record<string, unknown>;
  holder[path.at(-1)!] = value;
  return `${path.join(".")} is ${JSON.stringify(value)}`;
}

interface Parts {
  readonly ports?: readonly unknown[];
}

const MAKERS: readonly ((parts: Parts) => ApiObject)[] = [namespace, pod, deployment];

function namespace(): ApiObject {
  return { apiVersion: "v1", kind: "Namespace", metadata: { name: "tried" } };
}

function pod(parts: Parts): ApiObject {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "tried", namespace: "default" },
    spec: { containers: [container(parts)] },
  };
}

function deployment(parts: Parts): ApiObject {
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "tried", namespace: "default" },
    spec: {
      selector: { matchLabels: { app: "a" } },
      template: { metadata: { labels: { app: "a" } }, spec: { containers: [container(parts)] } },
    },
  };
}

function container({ ports = [] }: Parts): object {
  return { name: "main", image: "example/none", ports };
}
