import type { Rule } from "../../apiserver/cluster-objects.ts";
import { clusterRoleRules } from "../../deploy/manifests.ts";

/** The user of the API server that agents are. */
export const AGENT_USER = "agent";

/** What agents may do, and nothing more: what deploy/manifests/podwall.yaml gives them. */
export function agentRules(): readonly Rule[] {
  return clusterRoleRules("podwall");
}
