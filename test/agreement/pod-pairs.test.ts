import { describe, expect, it } from "vitest";
import { clusterChanges } from "../../src/cluster/diff.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { podPairs } from "../../src/engine/pod-pairs.ts";
import { FAMILIES, type Family } from "../../src/net/address.ts";
import { NO_PORTS } from "../../src/net/port-set.ts";
import { randomCluster } from "../generators/cluster.ts";
import { createRandom } from "../generators/random.ts";
import { engineOf } from "./from-raw.ts";

const CLUSTERS = 150;

describe("the pairs of pods that may talk", () => {
  it("are counted as asking for each pair counts them, and kept up to date through changes", () => {
    let connected = 0;
    let apart = 0;
    for (let seed = 1; seed <= CLUSTERS; seed++) {
      const engine = engineOf(randomCluster(seed));
      const counts = FAMILIES.map((family) => ({ family, pairs: podPairs(engine.view(family)) }));
      const check = (): void => {
        for (const { family, pairs } of counts) {
          const expected = countOneByOne(engine, family);
          expect({ pairs: pairs.pairs, connected: pairs.connected }, `seed ${seed}`).toEqual(expected);
          connected += expected.connected;
          apart += expected.pairs - expected.connected;
        }
      };
      check();
      const changes = clusterChanges(engine.cluster, engineOf(randomCluster(seed + 1)).cluster);
      for (const change of createRandom(seed).sample(changes, 4)) {
        engine.apply([change]);
        for (const { pairs } of counts) pairs.update();
        check();
      }
    }
    expect(connected).toBeGreaterThan(CLUSTERS);
    expect(apart).toBeGreaterThan(CLUSTERS);
  });
});

function countOneByOne(engine: Engine, family: Family): { pairs: number; connected: number } {
  const pods = engine.cluster.pods.filter((pod) => engine.view(family).classOf(pod) !== undefined);
  let connected = 0;
  for (const from of pods) {
    for (const to of pods) {
      if (from === to) continue;
      if (engine.ports({ kind: "pod", pod: from }, { kind: "pod", pod: to }, family) !== NO_PORTS)
        connected++;
    }
  }
  return { pairs: pods.length * (pods.length - 1), connected };
}
