import type { AgentCluster } from "../agent/harness/agent-cluster.ts";
import type { Rule } from "../apiserver/cluster-objects.ts";
import { writeKubeconfig } from "../apiserver/kubeconfig.ts";
import type { ApiObject } from "../apiserver/objects.ts";
import { manifestObjects, objectOf } from "./manifests.ts";

export const NAMESPACE = "podwall-system";

/** The user that {@link createViewer} makes. */
export const VIEWER = "system:serviceaccount:default:viewer";

/** What the rights `podwall-viewer` are, of the namespace and of the cluster. */
export function viewerRules(): Rule[] {
  return viewerRoles().flatMap(({ rules }) => rules as Rule[]);
}

/** The pods of the DaemonSet, as its controller and the kubelets would have them: they are what people look for. */
export async function createAgentPods({ create, nodes }: AgentCluster): Promise<void> {
  const { spec } = objectOf(manifestObjects(), "DaemonSet", "podwall");
  const { template } = spec as { template: { metadata: object; spec: object } };
  for (const [name, { addresses }] of nodes) {
    await create({
      apiVersion: "v1",
      kind: "Pod",
      metadata: { ...template.metadata, name: `podwall-${name}`, namespace: NAMESPACE },
      spec: { ...template.spec, nodeName: name },
      status: { phase: "Running", podIP: addresses[0], conditions: [{ type: "Ready", status: "True" }] },
    });
  }
}

function viewerRoles(): ApiObject[] {
  return ["Role", "ClusterRole"].map((kind) => objectOf(manifestObjects(), kind, "podwall-viewer"));
}

/** A service account with the rights `podwall-viewer`, bound as docs/install.md tells; a kubeconfig of its own. */
export async function createViewer({ create, api, server }: AgentCluster): Promise<string> {
  const apiGroup = "rbac.authorization.k8s.io";
  const subjects = [{ kind: "ServiceAccount", name: "viewer", namespace: "default" }];
  const account = {
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: { name: "viewer", namespace: "default" },
  };
  const bindings = viewerRoles().map(
    ({ kind, metadata: { name, namespace } }): ApiObject => ({
      apiVersion: `${apiGroup}/v1`,
      kind: `${kind}Binding`,
      metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
      roleRef: { apiGroup, kind, name },
      subjects,
    }),
  );
  await create(account, ...viewerRoles(), ...bindings);
  const { status } = (await api.must("POST", "/api/v1/namespaces/default/serviceaccounts/viewer/token", {
    apiVersion: "authentication.k8s.io/v1",
    kind: "TokenRequest",
    spec: { audiences: ["https://kubernetes.default.svc"] },
  })) as { status: { token: string } };
  return writeKubeconfig(server, "viewer.kubeconfig", [{ name: "viewer", user: { token: status.token } }]);
}
