import { describe, expect, it } from "vitest";
import { clusterFromSources } from "./load-cluster.ts";

const policy = (name: string, action: string): string => `---
apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: {name: ${name}}
spec:
  tier: Admin
  priority: 7
  subject: {namespaces: {}}
  ingress: [{action: ${action}, from: [{namespaces: {}}]}]
`;

const POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: web, namespace: shop}\n";

describe("a cluster from manifests", () => {
  it("comes with the findings about how its policies go together", () => {
    const text = `${POD}${policy("a", "Accept")}${policy("b", "Deny")}`;
    const { cluster, findings } = clusterFromSources([{ file: "f.yaml", text }], {});
    expect(cluster.clusterPolicies.map(({ name }) => name)).toEqual(["a", "b"]);
    expect(findings).toMatchObject([
      { code: "equal-priorities", position: { file: "f.yaml", line: 19, column: 13 } },
    ]);
  });
});
