import type { Rule } from "../../apiserver/cluster-objects.ts";

/** The user of the API server that agents are. */
export const AGENT_USER = "agent";

/** What agents may do, and nothing more. */
export function agentRules(): readonly Rule[] {
  const verbs = ["list", "watch"];
  return [
    { apiGroups: [""], resources: ["pods", "namespaces", "nodes"], verbs },
    { apiGroups: ["networking.k8s.io"], resources: ["networkpolicies"], verbs },
    {
      apiGroups: ["policy.networking.k8s.io"],
      resources: ["clusternetworkpolicies", "adminnetworkpolicies", "baselineadminnetworkpolicies"],
      verbs,
    },
    { apiGroups: ["", "events.k8s.io"], resources: ["events"], verbs: ["create", "patch"] },
  ];
}
