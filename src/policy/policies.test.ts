import { describe, expect, it } from "vitest";
import { buildCluster } from "../cluster/build.ts";
import {
  adminPolicyObject,
  baselinePolicyObject,
  clusterPolicyObject,
  policyObject,
} from "../cluster/objects.fixture.ts";
import type { KubernetesObject } from "../k8s/objects.ts";
import { policiesOf } from "./policies.ts";

function order(...objects: KubernetesObject[]): string[] {
  return policiesOf(buildCluster(objects).cluster).map(({ kind, id }) => `${kind} ${id}`);
}

describe("the order of judgement", () => {
  it("is Admin by priority, NetworkPolicy, Baseline by priority, and last the BaselineAdminNetworkPolicy", () => {
    expect(
      order(
        baselinePolicyObject(),
        clusterPolicyObject("base-1000", { tier: "Baseline", priority: 1000 }),
        clusterPolicyObject("base-0", { tier: "Baseline", priority: 0 }),
        policyObject("np"),
        clusterPolicyObject("late", { priority: 1000 }),
        adminPolicyObject("middle", { priority: 500 }),
        clusterPolicyObject("early", { priority: 0 }),
      ),
    ).toEqual([
      "ClusterNetworkPolicy early",
      "AdminNetworkPolicy middle",
      "ClusterNetworkPolicy late",
      "NetworkPolicy shop/np",
      "ClusterNetworkPolicy base-0",
      "ClusterNetworkPolicy base-1000",
      "BaselineAdminNetworkPolicy default",
    ]);
  });

  it("is by name where priorities are equal, whatever the kind", () => {
    const objects = [adminPolicyObject("b"), clusterPolicyObject("c"), clusterPolicyObject("a")];
    const sorted = ["ClusterNetworkPolicy a", "AdminNetworkPolicy b", "ClusterNetworkPolicy c"];
    expect(order(...objects)).toEqual(sorted);
    expect(order(...objects.reverse())).toEqual(sorted);
  });

  it("is by kind where even the names are equal", () => {
    const objects = [clusterPolicyObject("a"), adminPolicyObject("a")];
    const sorted = ["AdminNetworkPolicy a", "ClusterNetworkPolicy a"];
    expect(order(...objects)).toEqual(sorted);
    expect(order(...objects.reverse())).toEqual(sorted);
  });
});
