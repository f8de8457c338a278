import { describe, expect, it } from "vitest";
import { compareConnections } from "../../src/analysis/diff/compare-connections.ts";
import { type ConnectionDiff, connectionDiff } from "../../src/analysis/diff/connection-diff.ts";
import { changeLines } from "../../src/analysis/diff/diff.fixture.ts";
import { type DiffPeer, diffPeers } from "../../src/analysis/diff/diff-peers.ts";
import { enginesOf } from "../../src/analysis/diff/states.ts";
import { policyId } from "../../src/cluster/change.ts";
import { changedCluster } from "../../src/cluster/changed.ts";
import type { Cluster, ClusterPod } from "../../src/cluster/cluster.ts";
import { clusterChanges } from "../../src/cluster/diff.ts";
import type { End } from "../../src/engine/end.ts";
import { createEngine, type Engine } from "../../src/engine/engine.ts";
import type { Direction } from "../../src/k8s/objects.ts";
import { FAMILIES, type Family } from "../../src/net/address.ts";
import { formatRange } from "../../src/net/address-partition.ts";
import {
  intersectPorts,
  NO_PORTS,
  type PortSet,
  portSetHas,
  subtractPorts,
  unionPorts,
} from "../../src/net/port-set.ts";
import { randomCluster } from "../generators/cluster.ts";
import { createRandom } from "../generators/random.ts";
import { engineOf } from "./from-raw.ts";

const CLUSTERS = Number(process.env.PODWALL_CLUSTERS ?? 250);
const FIRST_SEED = Number(process.env.PODWALL_SEED ?? 1);

describe("the comparison of two clusters", () => {
  it("finds what looking at every pair of pods finds", () => {
    const found = { opens: 0, closes: 0, policy: 0, pods: 0, outside: 0, within: 0, family: 0 };
    for (let seed = FIRST_SEED; seed < FIRST_SEED + CLUSTERS; seed++) {
      const [before, after] = randomPair(seed);
      const actual = compared(before, after, found);
      expect(actual, `seed ${seed}`).toEqual(expectedChanges(before, after));
    }
    for (const [what, count] of Object.entries(found)) expect(count, what).toBeGreaterThan(CLUSTERS / 10);
  });
});

describe("the reasons of a comparison", () => {
  it("are told of packets that pass on one side of the change and not on the other", () => {
    let reasons = 0;
    let changes = 0;
    for (let seed = FIRST_SEED; seed < FIRST_SEED + CLUSTERS / 2; seed++) {
      const [before, after] = randomPair(seed);
      const engines = { before: createEngine(before), after: createEngine(after) };
      const diff = connectionDiff(before, after);
      for (const { change, ports, family, reason, from, to, within } of diff.changes) {
        // An address that a block names may be that of a pod or node: there is no packet from nobody in particular.
        if (reason === undefined && [...from, ...to].some((peer) => hasOwner(peer, engines))) continue;
        changes++;
        if (reason === undefined) continue;
        reasons++;
        const { packet, sides } = reason;
        const [passing, stopping] =
          change === "opens" ? [engines.after, engines.before] : [engines.before, engines.after];
        const about = `seed ${seed}, ${change} ${from.map(({ id }) => id)} -> ${to.map(({ id }) => id)}`;
        expect(portSetHas(ports, packet.traffic), about).toBe(true);
        expect(passing.allows(packet.from, packet.to, packet.family, packet.traffic), about).toBe(true);
        expect(family ?? packet.family, about).toBe(packet.family);
        expect(sides.length, about).toBeGreaterThan(0);
        // The same pods, where they are of the same workloads on the other side too, may not.
        const namesake = (end: End): End | undefined => {
          if (end.kind === "address") return end;
          const { id, workload } = end.pod;
          const pod = stopping.cluster.pods.find((each) => each.id === id && each.workload === workload);
          return pod === undefined ? undefined : { kind: "pod", pod };
        };
        const [source, destination] = [namesake(packet.from), namesake(packet.to)];
        if (source === undefined || destination === undefined || within) continue;
        expect(stopping.allows(source, destination, packet.family, packet.traffic), about).toBe(false);
      }
    }
    expect(changes).toBeGreaterThan(CLUSTERS);
    expect(reasons).toBe(changes);
  });

  it("are the same whatever the order of the objects", () => {
    for (let seed = FIRST_SEED; seed < FIRST_SEED + CLUSTERS / 10; seed++) {
      const [before, after] = randomPair(seed);
      const reversed = (cluster: Cluster): Cluster => ({
        ...cluster,
        networkPolicies: [...cluster.networkPolicies].reverse(),
        clusterPolicies: [...cluster.clusterPolicies].reverse(),
        workloads: [...cluster.workloads].reverse(),
        pods: [...cluster.pods].reverse(),
      });
      const told = (diff: ConnectionDiff): unknown => ({ counts: diff.counts, lines: changeLines(diff) });
      expect(told(connectionDiff(reversed(before), reversed(after))), `seed ${seed}`).toEqual(
        told(connectionDiff(before, after)),
      );
    }
  });
});

/** True of a range of which an address is that of a pod or node. */
function hasOwner(peer: DiffPeer, engines: { readonly before: Engine; readonly after: Engine }): boolean {
  if (peer.kind !== "external") return false;
  const { family, ranges } = peer;
  return [engines.before, engines.after].some(({ addresses }) =>
    ranges.some(({ first: value }) => {
      const address = { family, value };
      return addresses.podAt(address) !== undefined || addresses.nodeAt(address) !== undefined;
    }),
  );
}

/** A cluster, and the same after some of the changes that would make it another one. */
function randomPair(seed: number): [Cluster, Cluster] {
  const random = createRandom(seed);
  const options = { maxPods: 12 };
  const before = sharedWorkloads(engineOf(randomCluster(seed, options)).cluster);
  const other = sharedWorkloads(engineOf(randomCluster(seed + 1_000_000, options)).cluster);
  const changes = clusterChanges(before, other).filter((change) => {
    const isPolicy = change.kind.startsWith("policy");
    return seed % 3 === 0 ? isPolicy : seed % 3 === 1 ? !isPolicy : true;
  });
  const some = random.sample(changes, random.int(1, Math.max(1, Math.min(changes.length, 6))));
  return [before, changedCluster(before, some)];
}

/** Pods of a namespace share one of a few workloads, so that there are pairs of several pods. */
function sharedWorkloads(cluster: Cluster): Cluster {
  const pods = cluster.pods.map((pod, index): ClusterPod => {
    return { ...pod, workload: `${pod.namespace}/w${index % 2}[Deployment]` };
  });
  return changedCluster(
    { ...cluster, pods: [], workloads: [] },
    pods.map((pod) => ({ kind: "pod-set", pod })),
  );
}

function compared(before: Cluster, after: Cluster, found: Record<string, number>): string[] {
  const changes = clusterChanges(before, after);
  const engines = enginesOf(before, after, changes);
  const { changed, counts } = compareConnections(engines, diffPeers(engines), {
    changedPolicies: new Set(
      changes.flatMap((change) =>
        change.kind === "policy-set"
          ? [policyId(change.policy)]
          : change.kind === "policy-removed"
            ? [change.id]
            : [],
      ),
    ),
    samePods: changes.every(({ kind }) => kind.startsWith("policy")),
  });
  const lines: string[] = [];
  const pairs = { opens: new Set<string>(), closes: new Set<string>() };
  for (const { from, to, within, change, cause, ports, family } of changed) {
    for (const a of from) {
      for (const b of to) {
        if (!within && a === b) continue;
        pairs[change].add(`${endOf(a)} ${endOf(b)}`);
        for (const each of familiesOf(a, b, family)) {
          for (const [source, destination] of spelledOut(a, b)) {
            lines.push(`${source} -> ${destination} IPv${each} ${change} by ${cause} ${ports.key}`);
          }
        }
        found[change]!++;
        found[cause]!++;
        if (a.kind === "external" || b.kind === "external") found.outside!++;
        if (within) found.within!++;
        if (family !== undefined) found.family!++;
      }
    }
  }
  expect({ opens: counts.opens, closes: counts.closes }).toEqual({
    opens: pairs.opens.size,
    closes: pairs.closes.size,
  });
  return lines.sort();
}

function endOf(peer: DiffPeer): string {
  return peer.kind === "external" ? "outside" : peer.id;
}

/** Of a change without a family: the families that the pair has before or after. */
function familiesOf(a: DiffPeer, b: DiffPeer, family: Family | undefined): Family[] {
  if (family !== undefined) return [family];
  const has = (peer: DiffPeer, state: "before" | "after", each: Family): boolean =>
    peer.kind === "external"
      ? peer.family === each
      : (peer.sides[state]?.workload.pods.some((pod) => pod.addresses[each] !== undefined) ?? false);
  const count = (peer: DiffPeer, state: "before" | "after", each: Family): number =>
    peer.kind === "external"
      ? 2
      : (peer.sides[state]?.workload.pods.filter((pod) => pod.addresses[each] !== undefined).length ?? 0);
  return FAMILIES.filter((each) =>
    (["before", "after"] as const).some(
      (state) => has(a, state, each) && has(b, state, each) && (a !== b || count(a, state, each) > 1),
    ),
  );
}

/** The ranges of an outside peer one by one. */
function spelledOut(a: DiffPeer, b: DiffPeer): [string, string][] {
  const names = (peer: DiffPeer): string[] =>
    peer.kind === "external" ? peer.ranges.map(formatRange) : [peer.id];
  return names(a).flatMap((from) => names(b).map((to): [string, string] => [from, to]));
}

/** The same, pod by pod and range by range. */
function expectedChanges(before: Cluster, after: Cluster): string[] {
  const { networkPolicies, clusterPolicies } = after;
  const engines = {
    before: createEngine(before),
    between: createEngine({ ...before, networkPolicies, clusterPolicies }),
    after: createEngine(after),
  };
  const lines: string[] = [];
  const add = (name: string, family: Family, portsIn: (engine: Engine) => PortSet): void => {
    const [old, between, now] = [engines.before, engines.between, engines.after].map(portsIn);
    const opened = subtractPorts(now!, old!);
    const closed = subtractPorts(old!, now!);
    const parts = [
      ["opens by policy", intersectPorts(opened, between!)],
      ["opens by pods", subtractPorts(opened, between!)],
      ["closes by policy", subtractPorts(closed, between!)],
      ["closes by pods", intersectPorts(closed, between!)],
    ] as const;
    for (const [what, ports] of parts) {
      if (ports !== NO_PORTS) lines.push(`${name} IPv${family} ${what} ${ports.key}`);
    }
  };
  const ids = [...new Set([...before.workloads, ...after.workloads].map(({ id }) => id))];
  const podsOf = (engine: Engine, id: string): readonly ClusterPod[] =>
    engine.cluster.pods.filter(({ workload }) => workload === id);
  const outside = diffPeers(engines).outside.flatMap(({ ranges }) => ranges);
  for (const family of FAMILIES) {
    for (const from of ids) {
      for (const to of ids) {
        add(`${from} -> ${to}`, family, (engine) => {
          let ports = NO_PORTS;
          for (const a of podsOf(engine, from)) {
            for (const b of podsOf(engine, to)) {
              if (a === b) continue;
              ports = unionPorts(
                ports,
                engine.ports({ kind: "pod", pod: a }, { kind: "pod", pod: b }, family),
              );
            }
          }
          return ports;
        });
      }
      for (const range of outside) {
        if (range.family !== family) continue;
        const atEnds = (direction: Direction) => (engine: Engine) => {
          const at = (value: bigint): PortSet => {
            const area = engine.view(family).areas.areaAt(value);
            return podsOf(engine, from).reduce(
              (sum, pod) => unionPorts(sum, engine.portsWithArea(direction, pod, area)),
              NO_PORTS,
            );
          };
          expect(at(range.first)).toBe(at(range.last));
          return at(range.first);
        };
        add(`${formatRange(range)} -> ${from}`, family, atEnds("ingress"));
        add(`${from} -> ${formatRange(range)}`, family, atEnds("egress"));
      }
    }
  }
  return lines.sort();
}
