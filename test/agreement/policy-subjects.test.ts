import { describe, expect, it } from "vitest";
import { clusterChanges } from "../../src/cluster/diff.ts";
import { createEngine, type Engine } from "../../src/engine/engine.ts";
import { type PodCounts, podCounts, policySubjects } from "../../src/engine/policy-subjects.ts";
import { isSubject } from "../../src/engine/rule-reading.ts";
import { FAMILIES } from "../../src/net/address.ts";
import { randomCluster } from "../generators/cluster.ts";
import { createRandom } from "../generators/random.ts";
import { engineOf } from "./from-raw.ts";

describe("the pods of a node that policies are about", () => {
  it("are those that their selectors choose, while everything changes", () => {
    let counted = 0;
    for (let seed = 1; seed <= 60; seed++) {
      const random = createRandom(seed);
      const { cluster } = engineOf(randomCluster(seed * 3, { maxPods: 20 }));
      const engine = createEngine(cluster);
      for (const stop of [1, 2]) {
        const next = engineOf(randomCluster(seed * 3 + stop, { maxPods: 20 })).cluster;
        for (const change of random.sample(clusterChanges(engine.cluster, next), Number.POSITIVE_INFINITY)) {
          engine.apply([change]);
          // Only between two clusters is there a pod without its namespace: nobody knows what labels that has.
          if (engine.cluster.pods.some(({ namespace }) => !engine.namespaces.has(namespace))) continue;
          for (const node of ["node-0", "node-1", "nowhere"]) {
            const where = `seed ${seed}, stop ${stop}, ${change.kind}, ${node}`;
            const expected = chosenOneByOne(engine, node);
            const subjects = policySubjects(engine, node);
            expect(new Map([...subjects].sort()), where).toEqual(new Map([...expected.subjects].sort()));
            expect(podCounts(engine, node), where).toEqual(expected.counts);
            counted += subjects.size;
          }
        }
      }
    }
    expect(counted).toBeGreaterThan(1000);
  });
});

/** Every pod of the node against every policy. */
function chosenOneByOne(
  engine: Engine,
  node: string,
): { readonly subjects: Map<string, number>; readonly counts: PodCounts } {
  const subjects = new Map<string, number>();
  const seen = engine.cluster.pods.filter(
    (pod) => !pod.hostNetwork && FAMILIES.some((family) => pod.addresses[family] !== undefined),
  );
  const local = seen.filter((pod) => pod.node === node);
  const isolated = new Set<string>();
  for (const pod of local) {
    for (const policy of engine.policies) {
      if (!isSubject(engine, policy, pod)) continue;
      const id = `${policy.kind} ${policy.id}`;
      subjects.set(id, (subjects.get(id) ?? 0) + 1);
      if (policy.isolates.ingress || policy.isolates.egress) isolated.add(pod.id);
    }
  }
  return { subjects, counts: { pods: seen.length, localPods: local.length, isolatedPods: isolated.size } };
}
