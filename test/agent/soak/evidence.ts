import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AgentCluster } from "../harness/agent-cluster.ts";

const LISTS: Readonly<Record<string, string>> = {
  pods: "/api/v1/pods",
  namespaces: "/api/v1/namespaces",
  nodes: "/api/v1/nodes",
  networkpolicies: "/apis/networking.k8s.io/v1/networkpolicies",
  clusternetworkpolicies: "/apis/policy.networking.k8s.io/v1alpha2/clusternetworkpolicies",
};

/** Writes down what the API server and the nodes hold, for whoever looks for the reason of a failure. Gives the folder. */
export async function keepEvidence(cluster: AgentCluster): Promise<string> {
  const folder = process.env.PODWALL_AGENT_LOGS ?? mkdtempSync(join(tmpdir(), "podwall-soak-"));
  mkdirSync(folder, { recursive: true });
  for (const node of cluster.nodes.keys()) {
    const { stdout } = await cluster.network.runInNode(node, ["nft", "list", "ruleset"]);
    writeFileSync(join(folder, `ruleset-${node}.nft`), stdout);
    writeFileSync(join(folder, `log-${node}.txt`), cluster.agent(node).log());
  }
  for (const [name, path] of Object.entries(LISTS)) {
    const list = await cluster.api.must("GET", path);
    writeFileSync(join(folder, `${name}.json`), JSON.stringify(list, undefined, 1));
  }
  return folder;
}
