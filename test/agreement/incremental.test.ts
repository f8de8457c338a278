import { describe, expect, it } from "vitest";
import type { ClusterPod } from "../../src/cluster/cluster.ts";
import { clusterChanges } from "../../src/cluster/diff.ts";
import { classKey } from "../../src/engine/classes.ts";
import { createEngine, type Engine } from "../../src/engine/engine.ts";
import { reachability } from "../../src/engine/reachability.ts";
import { FAMILIES, type Family } from "../../src/net/address.ts";
import { formatCidr } from "../../src/net/cidr.ts";
import { portSetHas, type Traffic } from "../../src/net/port-set.ts";
import { randomCluster } from "../generators/cluster.ts";
import { createRandom } from "../generators/random.ts";
import { engineOf } from "./from-raw.ts";

/** More with PODWALL_WALKS=2000; another part of the sequence with PODWALL_SEED. */
const WALKS = Number(process.env.PODWALL_WALKS ?? 60);
const FIRST_SEED = Number(process.env.PODWALL_SEED ?? 1);
/** Clusters that a walk visits, change by change. */
const STOPS = 4;

describe("an engine that is kept up to date", () => {
  it("is at every step of a random walk the one made anew of the changed cluster", {
    timeout: 600_000,
  }, () => {
    let steps = 0;
    for (let seed = FIRST_SEED; seed < FIRST_SEED + WALKS; seed++) {
      const random = createRandom(seed);
      const engine = engineOf(randomCluster(seed * STOPS));
      // Half of the walks have all rows computed before each change, so that corrected cells are seen, not new rows.
      const warm = seed % 2 === 0;
      for (let stop = 1; stop < STOPS; stop++) {
        const next = engineOf(randomCluster(seed * STOPS + stop)).cluster;
        const changes = random.sample(clusterChanges(engine.cluster, next), Number.POSITIVE_INFINITY);
        for (const [i, change] of changes.entries()) {
          if (warm) state(engine);
          engine.apply([change]);
          steps++;
          if (i % 3 !== 0 && i !== changes.length - 1) continue;
          const fresh = createEngine(engine.cluster);
          const where = `seed ${seed}, stop ${stop}, change ${i}: ${change.kind}`;
          expect(state(engine), where).toEqual(state(fresh));
        }
        expect(clusterChanges(engine.cluster, next), `seed ${seed}, stop ${stop}`).toEqual([]);
        expect(lines(engine), `seed ${seed}, stop ${stop}`).toEqual(lines(createEngine(next)));
      }
    }
    expect(steps).toBeGreaterThan(WALKS * 10);
  });

  it("comes back to where it was, however long it wandered", () => {
    for (let seed = FIRST_SEED; seed < FIRST_SEED + 10; seed++) {
      const home = engineOf(randomCluster(seed)).cluster;
      const away = engineOf(randomCluster(seed + 5000)).cluster;
      const engine = createEngine(home);
      const before = state(engine);
      for (let trip = 0; trip < 5; trip++) {
        engine.apply(clusterChanges(home, away));
        engine.apply(clusterChanges(away, home));
      }
      expect(state(engine)).toEqual(before);
    }
  });
});

/** All that an engine decides, without the numbers that it gives to things on its way. */
function state(engine: Engine): unknown {
  return FAMILIES.map((family) => familyState(engine, family));
}

function familyState(engine: Engine, family: Family): unknown {
  const view = engine.view(family);
  const classes = view.classes();
  const areas = [...view.areas.all()];
  const named = new Map(
    classes.map((podClass) => [
      podClass,
      [...podClass.pods]
        .map((pod) => pod.id)
        .sort()
        .join(" "),
    ]),
  );
  return {
    classes: classes.map((podClass) => `${classKey(podClass)}: ${named.get(podClass)}`).sort(),
    areas: areas.map((area) => formatCidr(area.cidr)).sort(),
    verdicts: classes
      .flatMap((podClass) =>
        (["ingress", "egress"] as const).flatMap((direction) => {
          const row = view.row(direction, podClass);
          const about = `${direction} ${named.get(podClass)}`;
          const speaking = row.policies.map((policy) => `${policy.kind} ${policy.id}`).join(",");
          const [pod] = podClass.pods;
          return [
            `${about} isolated ${row.isolated} by ${speaking}`,
            ...classes.map((peer) => {
              const [other] = peer.pods;
              const [from, to] = direction === "ingress" ? [other!, pod!] : [pod!, other!];
              expectSameAnswer(engine, from, to, family);
              const ports = engine.sidePorts(
                direction,
                { kind: "pod", pod: from },
                { kind: "pod", pod: to },
                family,
              );
              return `${about} ~ ${named.get(peer)}: ${ports.key}`;
            }),
            ...areas.map((area) => `${about} ~ ${formatCidr(area.cidr)}: ${view.portsOfArea(row, area).key}`),
          ];
        }),
      )
      .sort(),
  };
}

/** The fast way to a verdict keeps a table of its own, which must follow every change too. */
function expectSameAnswer(engine: Engine, from: ClusterPod, to: ClusterPod, family: Family): void {
  const ports = engine.ports({ kind: "pod", pod: from }, { kind: "pod", pod: to }, family);
  const asked: readonly Traffic[] = [
    { protocol: "TCP", port: ports.TCP[0] ?? 80 },
    { protocol: "UDP", port: ports.UDP[0] ?? 53 },
    { protocol: "other" },
  ];
  for (const traffic of asked) {
    const allows = engine.allows(engine.endOf(from), engine.endOf(to), family, traffic);
    if (allows !== portSetHas(ports, traffic)) {
      expect.fail(
        `${from.id} > ${to.id} ${JSON.stringify(traffic)}: allows says ${allows}, ports ${ports.key}`,
      );
    }
  }
}

/** The map, as a person sees it. */
function lines(engine: Engine): string[] {
  return reachability(engine, "pod").connections.map(
    ({ from, to, ports, family }) => `${from.id} > ${to.id}: ${ports.key} ${family ?? ""}`,
  );
}
