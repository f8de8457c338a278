import { describe, expect, it } from "vitest";
import { buildCluster } from "./build.ts";
import { changedCluster } from "./changed.ts";
import type { Cluster } from "./cluster.ts";
import { clusterChanges } from "./diff.ts";
import { clusterPolicyObject, podObject, policyObject } from "./objects.fixture.ts";
import { auditedPolicies, withoutAudited, withoutAuditedChange } from "./without-audited.ts";

const clusterOf = (...objects: Parameters<typeof buildCluster>[0]): Cluster => buildCluster(objects).cluster;
const audited = <T extends object>(policy: T): T & { audit: true } => ({ ...policy, audit: true });

const POD = podObject("a");

describe("a cluster without its audited policies", () => {
  it("has the others, and all else", () => {
    const cluster = clusterOf(
      POD,
      policyObject("kept"),
      audited(policyObject("trial")),
      audited(clusterPolicyObject("wide-trial")),
      clusterPolicyObject("wide"),
    );
    expect(auditedPolicies(cluster).map(({ name }) => name)).toEqual(["wide-trial", "trial"]);
    expect(withoutAudited(cluster)).toEqual({
      ...cluster,
      networkPolicies: [cluster.networkPolicies[0]],
      clusterPolicies: [cluster.clusterPolicies[0]],
    });
    expect(withoutAudited(cluster).clusterPolicies[0]!.name).toBe("wide");
  });

  it("is itself where none is audited", () => {
    const cluster = clusterOf(POD, policyObject("kept"));
    expect(withoutAudited(cluster)).toBe(cluster);
  });

  it("changes as the whole one does, whatever becomes of a policy", () => {
    const plain = clusterOf(POD, policyObject("p"), clusterPolicyObject("c"));
    const trial = clusterOf(POD, audited(policyObject("p")), audited(clusterPolicyObject("c")));
    const none = clusterOf(POD, podObject("b"));
    for (const before of [plain, trial, none]) {
      for (const after of [plain, trial, none]) {
        const changes = clusterChanges(before, after).map(withoutAuditedChange);
        expect(changedCluster(withoutAudited(before), changes)).toEqual(withoutAudited(after));
      }
    }
  });
});
