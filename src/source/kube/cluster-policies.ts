import type { Finding } from "../../k8s/finding.ts";
import type { KubeClient } from "./client.ts";
import { servedResources } from "./discovery.ts";
import { KubeError } from "./kube-error.ts";
import {
  ADMIN_NETWORK_POLICIES,
  BASELINE_ADMIN_NETWORK_POLICIES,
  CLUSTER_NETWORK_POLICIES,
  CLUSTER_POLICY_GROUP,
  type KubeResource,
  pathOf,
} from "./resource.ts";

const KNOWN: readonly KubeResource[] = [
  CLUSTER_NETWORK_POLICIES,
  ADMIN_NETWORK_POLICIES,
  BASELINE_ADMIN_NETWORK_POLICIES,
];

/** The kinds of policies of a whole cluster that are installed, and complaints about those in unknown versions. */
export async function clusterPolicyResources(
  client: KubeClient,
  signal?: AbortSignal,
): Promise<{ readonly resources: readonly KubeResource[]; readonly findings: readonly Finding[] }> {
  const served = await servedResources(client, CLUSTER_POLICY_GROUP, signal);
  if (served === undefined) return { resources: await withoutDiscovery(client, signal), findings: [] };
  const resources: KubeResource[] = [];
  const findings: Finding[] = [];
  for (const resource of KNOWN) {
    const versions = [...served].filter(([, plurals]) => plurals.has(resource.plural)).map(([name]) => name);
    if (versions.includes(resource.version)) resources.push(resource);
    else if (versions.length > 0) findings.push(unknownVersion(client, resource, versions));
  }
  return { resources, findings };
}

/** Who may not ask what is installed finds out by asking for it. A refusal to list one is left to the reader. */
async function withoutDiscovery(client: KubeClient, signal?: AbortSignal): Promise<KubeResource[]> {
  const installed: KubeResource[] = [];
  for (const resource of KNOWN) {
    try {
      await client.get(pathOf(resource), { limit: 1 }, signal);
    } catch (error) {
      if (error instanceof KubeError && error.code === "not-found") continue;
      if (!(error instanceof KubeError) || error.code !== "forbidden") throw error;
    }
    installed.push(resource);
  }
  return installed;
}

function unknownVersion(client: KubeClient, resource: KubeResource, versions: readonly string[]): Finding {
  return {
    code: "unsupported-version",
    severity: resource === CLUSTER_NETWORK_POLICIES ? "error" : "warning",
    position: { file: `context ${client.context.name}`, line: 0, column: 0 },
    message: `The cluster serves ${resource.kind} as ${versions.join(", ")}; podwall knows ${resource.version} only, and cannot read them.`,
    help: "Use a newer podwall, if there is one.",
  };
}
