/** A kind of object as the API serves it. */
export interface KubeResource {
  /** The API group; empty for the core group. */
  readonly group: string;
  readonly version: string;
  /** The name in paths and in RBAC rules: `pods`. */
  readonly plural: string;
  readonly kind: string;
  readonly namespaced: boolean;
}

export const PODS: KubeResource = core("pods", "Pod", true);
export const NODES: KubeResource = core("nodes", "Node", false);
export const NAMESPACES: KubeResource = core("namespaces", "Namespace", false);

export const NETWORK_POLICIES: KubeResource = {
  group: "networking.k8s.io",
  version: "v1",
  plural: "networkpolicies",
  kind: "NetworkPolicy",
  namespaced: true,
};

/** The group of the policies for a whole cluster; its kinds are there only where somebody has installed them. */
export const CLUSTER_POLICY_GROUP = "policy.networking.k8s.io";

export const CLUSTER_NETWORK_POLICIES: KubeResource = clusterPolicy(
  "v1alpha2",
  "clusternetworkpolicies",
  "ClusterNetworkPolicy",
);
export const ADMIN_NETWORK_POLICIES: KubeResource = clusterPolicy(
  "v1alpha1",
  "adminnetworkpolicies",
  "AdminNetworkPolicy",
);
export const BASELINE_ADMIN_NETWORK_POLICIES: KubeResource = clusterPolicy(
  "v1alpha1",
  "baselineadminnetworkpolicies",
  "BaselineAdminNetworkPolicy",
);

function core(plural: string, kind: string, namespaced: boolean): KubeResource {
  return { group: "", version: "v1", plural, kind, namespaced };
}

function clusterPolicy(version: string, plural: string, kind: string): KubeResource {
  return { group: CLUSTER_POLICY_GROUP, version, plural, kind, namespaced: false };
}

/** `v1` or `apps/v1`. */
export function apiVersionOf({ group, version }: KubeResource): string {
  return group === "" ? version : `${group}/${version}`;
}

/** The path of the list, of the whole cluster or of one namespace. */
export function pathOf(resource: KubeResource, namespace?: string): string {
  const { group, plural } = resource;
  const base = `${group === "" ? "/api" : "/apis"}/${apiVersionOf(resource)}`;
  return namespace === undefined
    ? `${base}/${plural}`
    : `${base}/namespaces/${encodeURIComponent(namespace)}/${plural}`;
}

/** The name that kubectl takes: `pods`, `networkpolicies.networking.k8s.io`. */
export function fullNameOf({ group, plural }: KubeResource): string {
  return group === "" ? plural : `${plural}.${group}`;
}
