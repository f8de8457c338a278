import { isMapping } from "../../k8s/check.ts";
import type { Finding } from "../../k8s/finding.ts";
import type { KubeClient } from "./client.ts";
import { forbiddenFinding } from "./forbidden.ts";
import { KubeError } from "./kube-error.ts";
import { type KubeResource, pathOf } from "./resource.ts";

/** Says of which kinds there are policies that are not evaluated, or may be. Nothing of them is kept. */
export async function otherPolicyFindings(
  client: KubeClient,
  resources: readonly KubeResource[],
  signal?: AbortSignal,
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const resource of resources) {
    const finding = await findingOf(client, resource, signal);
    if (finding !== undefined) findings.push(finding);
  }
  return findings;
}

async function findingOf(
  client: KubeClient,
  resource: KubeResource,
  signal: AbortSignal | undefined,
): Promise<Finding | undefined> {
  const { context } = client;
  let list: unknown;
  try {
    list = await client.get(pathOf(resource), { limit: 1 }, signal);
  } catch (error) {
    if (!(error instanceof KubeError) || error.code === "unreachable") throw error;
    if (error.code === "not-found") return undefined;
    const consequence = "podwall does not evaluate this kind, and cannot tell if there are any.";
    if (error.code === "forbidden")
      return forbiddenFinding({ resource, words: error.message }, context, "warning", consequence);
    return unevaluated(resource, context.name, `The cluster may have ${resource.kind} (${error.message})`);
  }
  const items = isMapping(list) && Array.isArray(list.items) ? list.items.length : 0;
  if (items === 0) return undefined;
  const metadata = isMapping(list) && isMapping(list.metadata) ? list.metadata : {};
  const more = typeof metadata.remainingItemCount === "number" ? metadata.remainingItemCount : 0;
  const count = items + more;
  return unevaluated(
    resource,
    context.name,
    `The cluster has ${count} ${count === 1 ? "object" : "objects"} of ${resource.kind}`,
  );
}

function unevaluated({ group, plural }: KubeResource, context: string, what: string): Finding {
  return {
    code: "unsupported-kind",
    severity: "warning",
    position: { file: `context ${context}`, line: 0, column: 0 },
    message: `${what}; they are not evaluated: what they allow or deny is missing from the answers.`,
    help: `Look at them by yourself: kubectl get ${plural}.${group} -A`,
  };
}
