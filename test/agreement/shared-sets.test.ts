// Sets of one name are one set in the kernel: every class that names one must mean the very same elements.
import { describe, expect, it } from "vitest";
import { classChain } from "../../src/dataplane/class-chain.ts";
import type { ProgramSet } from "../../src/dataplane/program.ts";
import { FAMILIES } from "../../src/net/address.ts";
import { type PolicyKinds, randomCluster } from "../generators/cluster.ts";
import { engineOf } from "./from-raw.ts";

const CLUSTERS = 1000;
const KINDS: readonly PolicyKinds[] = ["NetworkPolicy", "cluster-wide"];

describe("sets that classes share", () => {
  it.each(KINDS)("are the same for each of them, policies: %s", (policyKinds) => {
    const shared = { peers: 0, nets: 0, lesser: 0, ports: 0 };
    for (let seed = 1; seed <= CLUSTERS; seed++) {
      const raw = randomCluster(seed, { policyKinds });
      const engine = engineOf(raw);
      const known = new Map<string, string>();
      for (const view of FAMILIES.map((family) => engine.view(family))) {
        for (const podClass of view.classes()) {
          for (const direction of ["ingress", "egress"] as const) {
            for (const set of classChain(view, podClass, direction).sets) {
              const before = known.get(set.name);
              if (before === undefined) {
                known.set(set.name, contentOf(set));
              } else {
                shared[set.name.slice(0, set.name.indexOf("_")) as keyof typeof shared]++;
                expect(contentOf(set), `seed ${seed}, ${set.name}`).toBe(before);
              }
            }
          }
        }
      }
    }
    // NetworkPolicies only add: no pod may do less than the addresses around it.
    const { lesser, ...others } = shared;
    if (policyKinds === "NetworkPolicy") expect(lesser).toBe(0);
    else expect(lesser).toBeGreaterThan(CLUSTERS / 50);
    // Without any sharing this would show nothing.
    for (const count of Object.values(others)) expect(count).toBeGreaterThan(CLUSTERS / 50);
  });
});

function contentOf({ type, interval, elements }: ProgramSet): string {
  return JSON.stringify([type, interval, [...elements.keys()].sort()]);
}
