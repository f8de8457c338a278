// The program of a node that follows changes one by one, against one that is compiled anew.
import { describe, expect, it } from "vitest";
import { clusterChanges } from "../../src/cluster/diff.ts";
import { withoutAudited, withoutAuditedChange } from "../../src/cluster/without-audited.ts";
import { compileProgram } from "../../src/dataplane/compile/compile.ts";
import { createNodeProgram } from "../../src/dataplane/compile/node-program.ts";
import { isEmptyChange } from "../../src/dataplane/program/program.ts";
import { createEngine } from "../../src/engine/engine.ts";
import { createRandom, type Random } from "../generators/random.ts";
import { canonicalProgram, createProgramMirror } from "./program-mirror.ts";
import { hasSharedAddress, randomState } from "./random-state.ts";

/** More with PODWALL_WALKS=2000; another part of the sequence with PODWALL_SEED. */
const WALKS = Number(process.env.PODWALL_WALKS ?? 60);
const FIRST_SEED = Number(process.env.PODWALL_SEED ?? 1);
const STOPS = 4;

describe("the program of a node", () => {
  it("is after every change of a random walk the one compiled anew, and so is what the changes make", {
    timeout: 600_000,
  }, () => {
    const seen = { steps: 0, quiet: 0, audit: 0, elsewhere: 0, mutated: 0, shared: 0 };
    for (let seed = FIRST_SEED; seed < FIRST_SEED + WALKS; seed++) walk(createRandom(seed), seed, seen);
    expect(seen.steps).toBeGreaterThan(WALKS * 10);
    // Otherwise the walks would not have come by the hard places.
    for (const [place, times] of Object.entries(seen)) expect(times, place).toBeGreaterThan(WALKS / 3);
  });
});

function walk(random: Random, seed: number, seen: Record<string, number>): void {
  const first = randomState(seed * STOPS);
  const engine = createEngine(first);
  const unaudited = createEngine(withoutAudited(first));
  const node = random.pick([...first.nodes.keys()]);
  const live = createNodeProgram(engine, node);
  live.setUnaudited(unaudited);
  const mirror = createProgramMirror();
  mirror.apply(live.update());
  for (let stop = 1; stop < STOPS; stop++) {
    const changes = random.sample(
      clusterChanges(engine.cluster, randomState(seed * STOPS + stop)),
      Number.POSITIVE_INFINITY,
    );
    while (changes.length > 0) {
      const batch = changes.splice(0, random.int(1, 4));
      engine.apply(batch);
      unaudited.apply(batch.map(withoutAuditedChange));
      const change = live.update();
      mirror.apply(change);
      seen.steps!++;
      if (isEmptyChange(change)) seen.quiet!++;
      if (change.changedSets.some(({ set }) => set.name.startsWith("peers_"))) seen.mutated!++;
      const where = `seed ${seed}, stop ${stop}, node ${node}: ${batch.map(({ kind }) => kind).join()}`;
      expect(canonicalProgram(live.program()), where).toEqual(canonicalProgram(mirror.program));
      if (hasSharedAddress(engine.cluster)) {
        seen.shared!++;
        continue;
      }
      const fresh = compileProgram(createEngine(engine.cluster), node, {
        unaudited: createEngine(withoutAudited(engine.cluster)),
      });
      if ([...fresh.chains.keys()].some((name) => name.startsWith("ain"))) seen.audit!++;
      if ((fresh.sets.get("elsewhere4")?.elements.size ?? 0) > 0) seen.elsewhere!++;
      expect(canonicalProgram(mirror.program), where).toEqual(canonicalProgram(fresh));
    }
  }
  live.close();
}
