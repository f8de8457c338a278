import { type ClusterPolicyObject, policyId } from "../../../cluster/change.ts";
import type { Cluster } from "../../../cluster/cluster.ts";
import { IGNORE_ANNOTATION } from "../../../k8s/policy-metadata.ts";
import { readIgnoreText } from "./ignore-text.ts";
import type { Ignore } from "./settings.ts";

/** What the annotations `podwall.io/ignore` of policies say: each is about the findings of its own policy. */
export function ignoreAnnotations({ networkPolicies, clusterPolicies }: Cluster): Ignore[] {
  return [...networkPolicies, ...clusterPolicies].flatMap(ignoresOf);
}

function ignoresOf(policy: ClusterPolicyObject): Ignore[] {
  if (policy.ignore === undefined) return [];
  const object = policyId(policy);
  const position = policy.origin.position(["metadata", "annotations", IGNORE_ANNOTATION], "key");
  return readIgnoreText(policy.ignore).map(({ codes, reason }) => ({
    codes,
    reason,
    position,
    beside: true,
    covers: (finding) => finding.object === object,
  }));
}
