import { describe, expect, it } from "vitest";
import { buildCluster } from "../../src/cluster/build.ts";
import { changeKey } from "../../src/cluster/change.ts";
import { changedCluster } from "../../src/cluster/changed.ts";
import type { Cluster } from "../../src/cluster/cluster.ts";
import { clusterChanges } from "../../src/cluster/diff.ts";
import { createLiveCluster, type LiveKind, type LiveObject } from "../../src/cluster/live-cluster.ts";
import type { Pod } from "../../src/k8s/objects.ts";
import { randomCluster } from "../generators/cluster.ts";
import { createRandom, type Random } from "../generators/random.ts";
import { parsedObjects } from "./from-raw.ts";

/** More with PODWALL_WALKS=2000; another part of the sequence with PODWALL_SEED. */
const WALKS = Number(process.env.PODWALL_WALKS ?? 150);
const FIRST_SEED = Number(process.env.PODWALL_SEED ?? 1);
const STEPS = 25;

const KINDS: readonly LiveKind[] = [
  "Pod",
  "Namespace",
  "Node",
  "NetworkPolicy",
  "ClusterNetworkPolicy",
  "AdminNetworkPolicy",
  "BaselineAdminNetworkPolicy",
];

describe("a cluster that is followed", () => {
  it("is at every step of a random walk the one built of the same objects", { timeout: 600_000 }, () => {
    let changed = 0;
    let unchanged = 0;
    for (let seed = FIRST_SEED; seed < FIRST_SEED + WALKS; seed++) {
      const random = createRandom(seed);
      const objects = someObjects(random, seed);
      const there = new Map<string, LiveObject>();
      const live = createLiveCluster();
      let before = live.cluster();
      for (let number = 0; number < STEPS; number++) {
        const step = randomStep(random, objects, there);
        const where = `seed ${seed}, step ${number}: ${step.words}`;
        const changes = live[step.call](...(step.arguments as [never, never]));
        const after = buildCluster([...there.values()], { unaddressed: "left-out" }).cluster;
        expect(plain(live.cluster()), where).toEqual(plain(after));
        const stepped = changedCluster(before, changes);
        // No change tells that a pod has finished: only who asks for it needs to know.
        expect({ ...plain(stepped), finishedPods: [] }, where).toEqual({ ...plain(after), finishedPods: [] });
        // Nothing is told twice, and nothing that is no difference.
        const real = clusterChanges(before, after);
        expect(changes.map(keyAndKind).sort(), where).toEqual(real.map(keyAndKind).sort());
        expect(isInOrder(changes.map(({ kind }) => kind)), where).toBe(true);
        if (changes.length > 0) changed++;
        else unchanged++;
        before = live.cluster();
      }
    }
    expect(changed).toBeGreaterThan(WALKS * 8);
    expect(unchanged).toBeGreaterThan(WALKS);
  });

  it("uses the objects of its seed where they say the same, whatever the order", { timeout: 600_000 }, () => {
    let used = 0;
    for (let seed = FIRST_SEED; seed < FIRST_SEED + WALKS; seed++) {
      const random = createRandom(seed);
      const earlier = buildCluster(oneOfEach(random, someObjects(random, seed)), {
        unaddressed: "left-out",
      }).cluster;
      const objects = oneOfEach(random, someObjects(random, seed));
      const live = createLiveCluster({ seed: earlier });
      for (const kind of random.sample(KINDS, KINDS.length))
        live.replace(
          kind,
          objects.filter((object) => object.kind === kind),
        );
      const now = live.cluster();
      const changed = new Set(clusterChanges(earlier, now).map(changeKey));
      expect(plain(now)).toEqual(plain(buildCluster(objects, { unaddressed: "left-out" }).cluster));
      for (const [before, after] of [
        [earlier.namespaces, now.namespaces],
        [earlier.nodes, now.nodes],
        [byId(earlier), byId(now)],
      ] as const) {
        for (const [key, value] of after) {
          const kind = after === now.namespaces ? "namespace" : after === now.nodes ? "node" : "pod";
          const isSame = before.get(key) === value;
          expect(isSame, `seed ${seed}: ${kind} ${key}`).toBe(!changed.has(`${kind} ${key}`));
          if (isSame) used++;
        }
      }
    }
    expect(used).toBeGreaterThan(WALKS);
  });
});

interface Step {
  readonly call: "set" | "remove" | "replace" | "keepOnly";
  readonly arguments: readonly unknown[];
  readonly words: string;
}

/** Makes a step, on `there` too. */
function randomStep(random: Random, objects: readonly LiveObject[], there: Map<string, LiveObject>): Step {
  const kind = random.chance(0.6) ? "Pod" : random.pick(KINDS);
  const ofKind = objects.filter((object) => object.kind === kind);
  const known = [...there.values()].filter((object) => object.kind === kind);
  const call = random.weighted<Step["call"]>([
    [10, "set"],
    [4, "remove"],
    [2, "replace"],
    [1, "keepOnly"],
  ]);
  if (call === "set" && ofKind.length > 0) {
    const object = random.pick(ofKind);
    there.set(keyOf(object), object);
    return { call, arguments: [object], words: `set ${keyOf(object)}` };
  }
  if (call === "replace") {
    const all = oneOfEach(random, random.sample(ofKind, random.int(0, ofKind.length)));
    for (const object of known) there.delete(keyOf(object));
    for (const object of all) there.set(keyOf(object), object);
    return { call, arguments: [kind, all], words: `replace ${all.map(keyOf).join(", ")}` };
  }
  if (call === "keepOnly") {
    const kept = random.sample(known, random.int(0, known.length)).map(idOf);
    for (const object of known) if (!kept.includes(idOf(object))) there.delete(keyOf(object));
    return {
      call,
      arguments: [kind, new Set([...kept, "unknown/unknown"])],
      words: `keep ${kept.join(", ")}`,
    };
  }
  const id = known.length > 0 && random.chance(0.9) ? idOf(random.pick(known)) : "unknown/unknown";
  there.delete(`${kind} ${id}`);
  return { call: "remove", arguments: [kind, id], words: `remove ${kind} ${id}` };
}

/** The objects of several random clusters, which have names in common, some made stranger than any generator does. */
function someObjects(random: Random, seed: number): LiveObject[] {
  const objects: LiveObject[] = [];
  for (let i = 0; i < 3; i++) {
    for (const object of parsedObjects(randomCluster(seed * 3 + i))) {
      objects.push(object as LiveObject);
      if (object.kind === "Pod") objects.push(strangePod(random, object));
    }
  }
  return objects;
}

const HOST_ADDRESSES = [
  [],
  ["192.0.2.1"],
  ["192.0.2.2"],
  ["2001:db8::1", "192.0.2.1"],
  ["192.0.2.1", "2001:db8::1"],
];

/** A pod as there is one now and then: on a node that nobody knows, with addresses that no other pod tells. */
function strangePod(random: Random, pod: Pod): Pod {
  const { nodeName, phase, controller, ...rest } = pod;
  const node = random.pick([nodeName, "node-0", "node-1", "unknown", undefined]);
  const hash = random.pick(["6d4cf56db6", "7f9c"]);
  return {
    ...rest,
    ...(random.chance(0.3) ? { hostNetwork: random.chance(0.7) } : {}),
    ...(random.chance(0.2) ? { addresses: random.pick([[], ["10.0.0.1"], ["10.0.0.1", "fd00::1"]]) } : {}),
    ...(random.chance(0.7) ? { hostAddresses: random.pick(HOST_ADDRESSES) } : {}),
    ...(node === undefined ? {} : { nodeName: node }),
    ...(random.chance(0.2)
      ? { phase: random.pick(["Running", "Succeeded", "Failed"]) }
      : phase === undefined
        ? {}
        : { phase }),
    ...(random.chance(0.3)
      ? { controller: { kind: "ReplicaSet", name: `web-${hash}` }, labels: { "pod-template-hash": hash } }
      : controller === undefined
        ? {}
        : { controller }),
  };
}

function oneOfEach(random: Random, objects: readonly LiveObject[]): LiveObject[] {
  return [
    ...new Map(random.sample(objects, objects.length).map((object) => [keyOf(object), object])).values(),
  ];
}

function idOf(object: LiveObject): string {
  return "namespace" in object ? `${object.namespace}/${object.name}` : object.name;
}

function keyOf(object: LiveObject): string {
  return `${object.kind} ${idOf(object)}`;
}

function keyAndKind(change: Parameters<typeof changeKey>[0]): string {
  return `${changeKey(change)} ${change.kind}`;
}

function byId(cluster: Cluster): Map<string, unknown> {
  return new Map(cluster.pods.map((pod) => [pod.id, pod]));
}

/** Lists in place of maps, whose order would not be compared. */
function plain(cluster: Cluster): unknown & object {
  return { ...cluster, namespaces: [...cluster.namespaces], nodes: [...cluster.nodes] };
}

/** Places come before the pods in them, and go after them. */
function isInOrder(kinds: readonly string[]): boolean {
  const order = [
    "namespace-set",
    "node-set",
    "policy-set",
    "pod-set",
    "pod-removed",
    "policy-removed",
    "node-removed",
    "namespace-removed",
  ];
  return kinds.every((kind, i) => i === 0 || order.indexOf(kinds[i - 1]!) <= order.indexOf(kind));
}
