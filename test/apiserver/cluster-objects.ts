import type { ApiObject } from "./objects.ts";

export function namespace(name: string, labels: Record<string, string> = {}): ApiObject {
  return { apiVersion: "v1", kind: "Namespace", metadata: { name, labels } };
}

export function node(name: string, address: string): ApiObject {
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: { name },
    status: { addresses: [{ type: "InternalIP", address }] },
  };
}

export interface PodFields {
  readonly labels?: Record<string, string>;
  readonly owner?: string;
  readonly node?: string;
  readonly hostNetwork?: boolean;
  readonly address?: string;
  readonly phase?: string;
  readonly ports?: readonly { readonly name?: string; readonly containerPort: number }[];
}

/** A pod; without an address it is one that is still to start. */
export function pod(namespace: string, name: string, fields: PodFields = {}): ApiObject {
  const { labels = {}, owner, address } = fields;
  const ownerReferences = [
    { apiVersion: "apps/v1", kind: "StatefulSet", name: owner, uid: `uid-${owner}`, controller: true },
  ];
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace, labels, ...(owner === undefined ? {} : { ownerReferences }) },
    spec: {
      containers: [{ name: "main", image: "example/none", ports: fields.ports ?? [] }],
      ...(fields.node === undefined ? {} : { nodeName: fields.node }),
      ...(fields.hostNetwork === true ? { hostNetwork: true } : {}),
    },
    status: {
      phase: fields.phase ?? "Running",
      ...(address === undefined ? {} : { podIP: address, podIPs: [{ ip: address }] }),
    },
  };
}

export function networkPolicy(namespace: string, name: string, spec: object): ApiObject {
  return { apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy", metadata: { name, namespace }, spec };
}

export type Rule = {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
};

const RBAC = "rbac.authorization.k8s.io";

/** A Role (or, without a namespace, a ClusterRole) of these rules, bound to one user. */
export function grant(user: string, rules: readonly Rule[], namespace?: string): ApiObject[] {
  const kind = namespace === undefined ? "ClusterRole" : "Role";
  const metadata = { name: `rights-of-${user}`, ...(namespace === undefined ? {} : { namespace }) };
  return [
    { apiVersion: `${RBAC}/v1`, kind, metadata, rules },
    {
      apiVersion: `${RBAC}/v1`,
      kind: `${kind}Binding`,
      metadata,
      roleRef: { apiGroup: RBAC, kind, name: metadata.name },
      subjects: [{ apiGroup: RBAC, kind: "User", name: user }],
    },
  ];
}

/** The rule that lets a user list some resources of one group. */
export function mayList(apiGroup: string, ...resources: readonly string[]): Rule {
  return { apiGroups: [apiGroup], resources, verbs: ["list"] };
}
