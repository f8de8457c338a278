import type { AgentCluster } from "../agent/harness/agent-cluster.ts";
import { writeKubeconfig } from "../apiserver/kubeconfig.ts";
import { manifestObjects, objectOf } from "./manifests.ts";

const NAMESPACE = "podwall-system";

/** The user that {@link createViewer} makes. */
export const VIEWER = "system:serviceaccount:default:viewer";

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

/** A service account that the ClusterRole `podwall-viewer` is bound to; a kubeconfig of its own. */
export async function createViewer({ create, api, server }: AgentCluster): Promise<string> {
  const apiGroup = "rbac.authorization.k8s.io";
  const subjects = [{ kind: "ServiceAccount", name: "viewer", namespace: "default" }];
  const account = {
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: { name: "viewer", namespace: "default" },
  };
  const role = objectOf(manifestObjects(), "ClusterRole", "podwall-viewer");
  await create(account, role, {
    apiVersion: `${apiGroup}/v1`,
    kind: "ClusterRoleBinding",
    metadata: role.metadata,
    roleRef: { apiGroup, kind: role.kind, name: role.metadata.name },
    subjects,
  });
  const { status } = (await api.must("POST", "/api/v1/namespaces/default/serviceaccounts/viewer/token", {
    apiVersion: "authentication.k8s.io/v1",
    kind: "TokenRequest",
    spec: { audiences: ["https://kubernetes.default.svc"] },
  })) as { status: { token: string } };
  return writeKubeconfig(server, "viewer.kubeconfig", [{ name: "viewer", user: { token: status.token } }]);
}
