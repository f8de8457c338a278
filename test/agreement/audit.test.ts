// Policies in audit mode on random clusters: what explanations say of a packet, and what the lab predicts, must agree.
import { expect, it } from "vitest";
import { withoutAudited } from "../../src/cluster/without-audited.ts";
import { enforcedPorts } from "../../src/engine/enforced-ports.ts";
import { createEngine } from "../../src/engine/engine.ts";
import { explain } from "../../src/engine/explain.ts";
import { explainAudit } from "../../src/engine/explain-audit.ts";
import { portSetHas, type Traffic } from "../../src/net/port-set.ts";
import { randomCluster } from "../generators/cluster.ts";
import { interestingProbes } from "../generators/probes.ts";
import { createRandom } from "../generators/random.ts";
import { ENGINE_POLICY_KINDS, engineEnd, engineOf } from "./from-raw.ts";

const CLUSTERS = 1500;

it("a packet passes if it is allowed, or denied by policies in audit mode alone", () => {
  const seen = { allowed: 0, audited: 0, denied: 0 };
  for (let seed = 1; seed <= CLUSTERS; seed++) {
    const raw = randomCluster(seed, { policyKinds: ENGINE_POLICY_KINDS });
    const random = createRandom(seed);
    const { cluster } = engineOf(raw);
    const onTrial = <T extends object>(policy: T): T =>
      random.chance(0.5) ? { ...policy, audit: true } : policy;
    const engine = createEngine({
      ...cluster,
      networkPolicies: cluster.networkPolicies.map(onTrial),
      clusterPolicies: cluster.clusterPolicies.map(onTrial),
    });
    const without = createEngine(withoutAudited(engine.cluster));
    const passing = enforcedPorts(engine);
    for (const probe of interestingProbes(raw, random, 20)) {
      const [from, to] = [engineEnd(engine, probe.from), engineEnd(engine, probe.to)];
      if (from === undefined || to === undefined) continue;
      const { family } = probe.traffic;
      const traffic = probe.traffic as Traffic;
      const { allowed, audited } = explainAudit(engine)(explain(engine, from, to, family, traffic));
      const passes = portSetHas(passing(from, to, family), traffic);
      expect({ seed, probe, passes }).toEqual({ seed, probe, passes: allowed || audited !== undefined });
      if (allowed || without.allows(from, to, family, traffic)) expect(passes).toBe(true);
      if (audited !== undefined) {
        expect(audited.length).toBeGreaterThan(0);
        expect(audited.every(({ audit }) => audit)).toBe(true);
      }
      seen[allowed ? "allowed" : passes ? "audited" : "denied"]++;
    }
  }
  for (const count of Object.values(seen)) expect(count).toBeGreaterThan(CLUSTERS / 10);
}, 300_000);
