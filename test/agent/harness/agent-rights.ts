import { readFileSync } from "node:fs";
import { loadAll } from "js-yaml";
import type { Rule } from "../../apiserver/cluster-objects.ts";
import { ROOT } from "../../cli/run-podwall.ts";

/** The user of the API server that agents are. */
export const AGENT_USER = "agent";

/** What agents may do, and nothing more: the rules of their ClusterRole in deploy/. */
export function agentRules(): readonly Rule[] {
  const objects = loadAll(readFileSync(`${ROOT}deploy/manifests/podwall.yaml`, "utf8")) as {
    kind: string;
    metadata: { name: string };
    rules: readonly Rule[];
  }[];
  const role = objects.find(({ kind, metadata }) => kind === "ClusterRole" && metadata.name === "podwall");
  if (role === undefined) throw new Error("deploy/manifests/podwall.yaml has no ClusterRole podwall");
  return role.rules;
}
