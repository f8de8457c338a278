import { describe, expect, it } from "vitest";
import { buildCluster } from "./build.ts";
import { changedCluster } from "./changed.ts";
import type { Cluster } from "./cluster.ts";
import { clusterChanges } from "./diff.ts";
import { clusterPolicyObject, nodeObject, policyObject } from "./objects.fixture.ts";

const clusterOf = (...objects: Parameters<typeof buildCluster>[0]): Cluster => buildCluster(objects).cluster;

describe("changes between clusters", () => {
  it("see that a policy is audited now, and that it no longer is", () => {
    const enforced = clusterOf(policyObject("db"), clusterPolicyObject("all"));
    const audited = clusterOf(
      { ...policyObject("db"), audit: true },
      { ...clusterPolicyObject("all"), audit: true },
    );
    expect(clusterChanges(enforced, audited)).toMatchObject([
      { kind: "policy-set", policy: { name: "db", audit: true } },
      { kind: "policy-set", policy: { name: "all", audit: true } },
    ]);
    expect(clusterChanges(audited, enforced)).toHaveLength(2);
    expect(clusterChanges(audited, audited)).toEqual([]);
  });

  it("see the pod blocks of a node, and changes keep them", () => {
    const node = nodeObject("n", "192.0.2.1");
    const before = clusterOf(node);
    const after = clusterOf({ ...node, podCidrs: ["10.1.0.0/24"] });
    const changes = clusterChanges(before, after);
    expect(changes).toMatchObject([{ kind: "node-set", node: { name: "n" } }]);
    expect(changedCluster(before, changes).nodes).toEqual(after.nodes);
    expect(clusterChanges(after, clusterOf({ ...node, podCidrs: ["10.1.0.0/24"] }))).toEqual([]);
    expect(clusterChanges(after, clusterOf({ ...node, podCidrs: ["10.2.0.0/24"] }))).toHaveLength(1);
  });
});
