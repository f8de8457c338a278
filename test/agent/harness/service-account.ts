import { readFileSync } from "node:fs";
import type { Rule } from "../../apiserver/cluster-objects.ts";
import type { ApiObject } from "../../apiserver/objects.ts";
import { requestsTo } from "../../apiserver/requests.ts";
import type { AgentCluster } from "./agent-cluster.ts";
import { waitUntilNone } from "./wait-for.ts";

const NAMESPACE = "podwall-system";
const RBAC = "rbac.authorization.k8s.io";

/** A service account of agents, with a token that can be made invalid. */
export interface ServiceAccount {
  readonly objects: readonly ApiObject[];
  readonly role: ApiObject;
  /** Gives it the role. */
  readonly binding: ApiObject;
  /** As a kubelet asks for it. */
  newToken(): Promise<string>;
  /** Ends the validity of all tokens that were asked for before, and waits until the server knows it. */
  revoke(): Promise<void>;
  /** Waits until the account, by its newest token, gets a status for a request. */
  isAnswered(path: string, status: number): Promise<void>;
}

export function serviceAccount(cluster: AgentCluster, name: string, rules: readonly Rule[]): ServiceAccount {
  const { api, server } = cluster;
  const role: ApiObject = {
    apiVersion: `${RBAC}/v1`,
    kind: "ClusterRole",
    metadata: { name: `of-${name}` },
    rules,
  };
  const binding: ApiObject = {
    apiVersion: `${RBAC}/v1`,
    kind: "ClusterRoleBinding",
    metadata: { name: `of-${name}` },
    roleRef: { apiGroup: RBAC, kind: "ClusterRole", name: `of-${name}` },
    subjects: [{ kind: "ServiceAccount", name, namespace: NAMESPACE }],
  };
  const path = `/api/v1/namespaces/${NAMESPACE}`;
  let tokens = 0;
  let token = "";
  /** A token lives as long as this object. */
  const bound = (): string => `${name}-${tokens}`;
  const answer = async (asked: string): Promise<number> => {
    const requests = requestsTo(server.url, readFileSync(server.authorityFile, "utf8"), token);
    try {
      return (await requests.send("GET", asked)).status;
    } finally {
      requests.close();
    }
  };
  const isAnswered: ServiceAccount["isAnswered"] = (asked, wanted) =>
    waitUntilNone(`the API server answers GET ${asked} of ${name} with ${wanted}`, async () => {
      const status = await answer(asked);
      return status === wanted ? undefined : String(status);
    });
  return {
    objects: [{ apiVersion: "v1", kind: "ServiceAccount", metadata: { name, namespace: NAMESPACE } }],
    role,
    binding,
    async newToken() {
      tokens++;
      const secret = { apiVersion: "v1", kind: "Secret", metadata: { name: bound(), namespace: NAMESPACE } };
      const { metadata } = (await api.must("POST", `${path}/secrets`, secret)) as {
        metadata: { uid: string };
      };
      const request = {
        apiVersion: "authentication.k8s.io/v1",
        kind: "TokenRequest",
        spec: {
          expirationSeconds: 3600,
          boundObjectRef: { apiVersion: "v1", kind: "Secret", name: bound(), uid: metadata.uid },
        },
      };
      const made = await api.must("POST", `${path}/serviceaccounts/${name}/token`, request);
      ({ token } = (made as { status: { token: string } }).status);
      return token;
    },
    async revoke() {
      await api.must("DELETE", `${path}/secrets/${bound()}`);
      await isAnswered("/version", 401);
    },
    isAnswered,
  };
}
