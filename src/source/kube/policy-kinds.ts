import type { Finding } from "../../k8s/finding.ts";
import { isOtherPolicyKind } from "../../k8s/kinds.ts";
import type { KubeClient } from "./client.ts";
import { servedResources } from "./discovery.ts";
import { KubeError } from "./kube-error.ts";
import {
  ADMIN_NETWORK_POLICIES,
  BASELINE_ADMIN_NETWORK_POLICIES,
  CLUSTER_NETWORK_POLICIES,
  CLUSTER_POLICY_GROUP,
  type KubeResource,
  NETWORK_POLICIES,
  pathOf,
} from "./resource.ts";

const KNOWN: readonly KubeResource[] = [
  CLUSTER_NETWORK_POLICIES,
  ADMIN_NETWORK_POLICIES,
  BASELINE_ADMIN_NETWORK_POLICIES,
];

/** The kinds of network policies, other than NetworkPolicy, that are installed in a cluster. */
export interface PolicyKinds {
  /** Those of the whole cluster that are to be read: the very constants of resource.ts. */
  readonly known: readonly KubeResource[];
  /** Those of others, such as CiliumNetworkPolicy. */
  readonly others: readonly KubeResource[];
  /** What is said of known kinds in unknown versions. */
  readonly findings: readonly Finding[];
}

export async function installedPolicyKinds(client: KubeClient, signal?: AbortSignal): Promise<PolicyKinds> {
  const served = await servedResources(client, signal);
  if (served === undefined) {
    return { known: await withoutDiscovery(client, signal), others: [], findings: [] };
  }
  const known: KubeResource[] = [];
  const findings: Finding[] = [];
  for (const resource of KNOWN) {
    const versions = served.filter((each) => isSameKind(each, resource)).map(({ version }) => version);
    if (versions.includes(resource.version)) known.push(resource);
    else if (versions.length > 0) findings.push(unknownVersion(client, resource, versions));
  }
  return { known, others: otherKinds(served), findings };
}

function isSameKind(a: KubeResource, b: KubeResource): boolean {
  return a.group === b.group && a.plural === b.plural;
}

/** One of each name: some are served in two groups, or in several versions, with the same objects in them. */
function otherKinds(served: readonly KubeResource[]): KubeResource[] {
  const byPlural = new Map<string, KubeResource>();
  for (const resource of served) {
    if (!isOtherPolicyKind(resource.kind) || byPlural.has(resource.plural)) continue;
    if ([NETWORK_POLICIES, ...KNOWN].some((own) => isSameKind(own, resource))) continue;
    byPlural.set(resource.plural, resource);
  }
  return [...byPlural.values()];
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
    severity: "error",
    position: { file: `context ${client.context.name}`, line: 0, column: 0 },
    message: `The cluster serves ${resource.kind} of ${CLUSTER_POLICY_GROUP} as ${versions.join(", ")}; podwall knows ${resource.version} only, and cannot read them.`,
    help: "Use a newer podwall, if there is one.",
  };
}
