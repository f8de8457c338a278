import { describe, expect, it } from "vitest";
import type { Engine } from "../../src/engine/engine.ts";
import { explain } from "../../src/engine/explain.ts";
import type { Traffic } from "../../src/net/port-set.ts";
import { randomCluster } from "../generators/cluster.ts";
import { clusterYaml } from "../generators/cluster-yaml.ts";
import { interestingProbes, type Probe } from "../generators/probes.ts";
import { createRandom } from "../generators/random.ts";
import { shrinkCluster } from "../generators/shrink.ts";
import { isAllowed } from "../reference/evaluate.ts";
import type { RawCluster } from "../reference/raw.ts";
import { ENGINE_POLICY_KINDS, engineEnd, engineOf } from "./from-raw.ts";

/** More with PODWALL_CLUSTERS; another part of the sequence with PODWALL_SEED. `scripts/agreement.mjs` sets both. */
const CLUSTERS = Number(process.env.PODWALL_CLUSTERS ?? 20_000);
const FIRST_SEED = Number(process.env.PODWALL_SEED ?? 1);
const PROBES = 20;
/** The clusters of one test: few enough to show progress, many enough to count verdicts. */
const PART = 2000;

describe("the engine agrees with the reference evaluator", () => {
  for (let done = 0; done < CLUSTERS; done += PART) {
    const size = Math.min(PART, CLUSTERS - done);
    const first = FIRST_SEED + done;
    it(`on random clusters ${first} to ${first + size - 1}`, { timeout: 600_000 }, () => {
      let allowed = 0;
      let denied = 0;
      for (let seed = first; seed < first + size; seed++) {
        const raw = randomCluster(seed, { policyKinds: ENGINE_POLICY_KINDS });
        const probes = interestingProbes(raw, createRandom(seed), PROBES);
        const engine = engineOf(raw);
        for (const probe of probes) {
          const expected = isAllowed(raw, probe.from, probe.to, probe.traffic);
          if (verdict(engine, probe) !== expected || explained(engine, probe) !== expected) {
            expect.fail(disagreement(seed, raw, probe));
          }
          if (expected) allowed++;
          else denied++;
        }
      }
      // Probes that all had the same answer would show nothing.
      expect(allowed).toBeGreaterThan(size);
      expect(denied).toBeGreaterThan(size);
    });
  }
});

function trafficOf({ traffic }: Probe): Traffic {
  return traffic.protocol === "other"
    ? { protocol: "other" }
    : { protocol: traffic.protocol, port: traffic.port! };
}

function verdict(engine: Engine, probe: Probe): boolean {
  const from = engineEnd(engine, probe.from);
  const to = engineEnd(engine, probe.to);
  if (from === undefined || to === undefined) return false;
  return engine.allows(from, to, probe.traffic.family, trafficOf(probe));
}

function explained(engine: Engine, probe: Probe): boolean {
  const from = engineEnd(engine, probe.from);
  const to = engineEnd(engine, probe.to);
  if (from === undefined || to === undefined) return false;
  return explain(engine, from, to, probe.traffic.family, trafficOf(probe)).allowed;
}

function disagreement(seed: number, raw: RawCluster, probe: Probe): string {
  const answers = (candidate: RawCluster): string => {
    const engine = engineOf(candidate);
    const expected = isAllowed(candidate, probe.from, probe.to, probe.traffic);
    return `reference ${expected}, engine ${verdict(engine, probe)}, explain ${explained(engine, probe)}`;
  };
  const wrong = answers(raw);
  // The very same answers: on the way to the smallest cluster another disagreement may be met.
  const small = shrinkCluster(raw, (candidate) => {
    try {
      return answers(candidate) === wrong;
    } catch {
      // The probe's pod is gone from this candidate, so it shows nothing.
      return false;
    }
  });
  return [`seed ${seed}: ${JSON.stringify(probe)}`, wrong, clusterYaml(small)].join("\n");
}
