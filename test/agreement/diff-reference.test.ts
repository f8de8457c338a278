// What `podwall diff -o json` says, pair by pair and packet by packet, against the reference evaluator: nothing that
// opens or closes may be missing or invented, and the counts must be those of the pairs.
import { expect, it } from "vitest";
import { connectionDiff } from "../../src/analysis/diff/connection-diff.ts";
import { type DiffChange, type DiffDocument, diffJson } from "../../src/report/diff-json.ts";
import { randomCluster } from "../generators/cluster.ts";
import { interestingAddresses, interestingPorts, type PortOfInterest } from "../generators/probes.ts";
import { createRandom, type Random } from "../generators/random.ts";
import { resolveEnd } from "../reference/end.ts";
import { type End, isAllowed, type RawCluster, type Traffic } from "../reference/evaluate.ts";
import { type Family, formatAddress, parseAddress } from "../reference/ip.ts";
import { podKey, takesPart } from "../reference/pod.ts";
import { engineOf } from "./from-raw.ts";

const CLUSTERS = Math.min(Number(process.env.PODWALL_CLUSTERS ?? 60), 1000);
const FIRST_SEED = Number(process.env.PODWALL_SEED ?? 1);

/** Ports that are tried for each pair. */
const PORTS = 8;

it("says of every packet what the reference evaluator says before and after", () => {
  const seen = { opens: 0, closes: 0, policy: 0, pods: 0, outside: 0, same: 0 };
  for (let seed = FIRST_SEED; seed < FIRST_SEED + CLUSTERS; seed++) {
    const random = createRandom(seed);
    const before = withOwners(randomCluster(seed, { maxPods: 7 }));
    const after = changed(before, withOwners(randomCluster(seed + 1_000_000, { maxPods: 7 })), random, seed);
    const document = diffJson(connectionDiff(engineOf(before).cluster, engineOf(after).cluster));
    checkPackets(document, before, after, random, seed, seen);
    checkCounts(document, seed);
  }
  for (const [what, count] of Object.entries(seen)) expect(count, what).toBeGreaterThan(CLUSTERS);
}, 600_000);

/** Pods of a namespace belong to one of two StatefulSets. */
function withOwners(raw: RawCluster): RawCluster {
  const pods = raw.pods.map((pod, index) => {
    const ownerReferences = [
      { apiVersion: "apps/v1", kind: "StatefulSet", name: `w${index % 2}`, uid: "u", controller: true },
    ];
    return { ...pod, metadata: { ...pod.metadata, ownerReferences } };
  });
  return { ...raw, pods };
}

function workloadOf(pod: RawCluster["pods"][number]): string {
  const { ownerReferences } = pod.metadata as { ownerReferences?: { name: string }[] };
  return `${pod.metadata.namespace ?? "default"}/${ownerReferences![0]!.name}[StatefulSet]`;
}

/** Some policies of another cluster, or some of its pods, namespaces and labels, or both. */
function changed(before: RawCluster, other: RawCluster, random: Random, seed: number): RawCluster {
  const next: RawCluster = { ...before };
  const spaces = new Set(before.namespaces.map(({ metadata }) => metadata.name));
  const isHere = (each: { metadata: { namespace?: string } }): boolean =>
    spaces.has(each.metadata.namespace ?? "default");
  if (seed % 3 !== 1) {
    const mixed = <T>(old: T[], others: T[]): T[] => {
      const kept = random.sample(old, random.int(0, old.length));
      return [...kept, ...random.sample(others, random.int(0, others.length))];
    };
    next.networkPolicies = byName(mixed(before.networkPolicies, other.networkPolicies.filter(isHere)));
    next.clusterNetworkPolicies = byName(
      mixed(before.clusterNetworkPolicies ?? [], other.clusterNetworkPolicies ?? []),
    );
  }
  if (seed % 3 !== 0) {
    const old = random.sample(before.pods, random.int(1, before.pods.length));
    const taken = new Set(old.flatMap((pod) => addressesOf(before, pod)));
    const names = new Set(old.map(podKey));
    const news = other.pods.filter(
      (pod) =>
        isHere(pod) &&
        !names.has(podKey(pod)) &&
        before.nodes.some(({ metadata }) => metadata.name === pod.spec.nodeName) &&
        addressesOf(other, pod).every((address) => !taken.has(address)),
    );
    const relabelled = old.map((pod) => {
      if (!random.chance(0.3)) return pod;
      return {
        ...pod,
        metadata: { ...pod.metadata, labels: random.pick(before.pods).metadata.labels ?? {} },
      };
    });
    next.pods = [...relabelled, ...random.sample(news, random.int(0, 3))];
    next.namespaces = before.namespaces.map((namespace) => {
      const twin = other.namespaces.find(({ metadata }) => metadata.name === namespace.metadata.name);
      return twin !== undefined && random.chance(0.4) ? twin : namespace;
    });
  }
  return next;
}

function byName<T extends { metadata: { name: string; namespace?: string } }>(objects: T[]): T[] {
  const names = objects.map(({ metadata }) => `${metadata.namespace ?? "default"}/${metadata.name}`);
  return objects.filter((_, place) => names.indexOf(names[place]!) === place);
}

function addressesOf(cluster: RawCluster, pod: RawCluster["pods"][number]): string[] {
  return ([4, 6] as const).flatMap((family) => {
    const end = resolveEnd(cluster, { pod: podKey(pod) }, family);
    return end === undefined ? [] : [formatAddress(end.address)];
  });
}

type Verdict = "opens by policy" | "opens by pods" | "closes by policy" | "closes by pods" | "same";

function checkPackets(
  document: DiffDocument,
  before: RawCluster,
  after: RawCluster,
  random: Random,
  seed: number,
  seen: Record<string, number>,
): void {
  const between: RawCluster = { ...before, ...policiesOf(after) };
  const states = [before, between, after] as const;
  const said = claims(document);
  const portsOfAll = [
    ...new Map(
      [...interestingPorts(before), ...interestingPorts(after)].map((each) => [
        `${each.protocol}${each.port}`,
        each,
      ]),
    ).values(),
  ];
  const workloads = [...new Set([...before.pods, ...after.pods].map(workloadOf))];
  const outside = [...new Set([...interestingAddresses(before), ...interestingAddresses(after)])].filter(
    (text) => states.every((state) => isOutside(state, text)),
  );
  const compare = (from: string, to: string, family: Family): void => {
    if (![before, after].some((state) => hasPair(state, from, to, family))) return;
    const packets: (PortOfInterest | "other")[] = [...random.sample(portsOfAll, PORTS), "other"];
    for (const packet of packets) {
      const traffic = (packet === "other" ? { protocol: "other", family } : { ...packet, family }) as Traffic;
      const [was, would, is] = states.map((state) => passes(state, from, to, traffic));
      const expected: Verdict =
        was === is
          ? "same"
          : is
            ? would
              ? "opens by policy"
              : "opens by pods"
            : would
              ? "closes by pods"
              : "closes by policy";
      const actual = said(from, to, family, packet);
      expect({ seed, from, to, traffic, says: actual }).toEqual({ seed, from, to, traffic, says: expected });
      for (const word of expected.split(" by ")) seen[word]!++;
      if (expected !== "same" && !(from.includes("/") && to.includes("/"))) seen.outside!++;
    }
  };
  for (const from of workloads) {
    for (const to of workloads) for (const family of [4, 6] as const) compare(from, to, family);
    for (const address of outside) {
      const { family } = parseAddress(address);
      compare(from, address, family);
      compare(address, from, family);
    }
  }
}

/** Whether two different ends have addresses of the family. */
function hasPair(state: RawCluster, from: string, to: string, family: Family): boolean {
  return endsOf(state, from).some((source) =>
    endsOf(state, to).some(
      (destination) =>
        !isSame(source, destination) &&
        [source, destination].every((end) => resolveEnd(state, end, family) !== undefined),
    ),
  );
}

function endsOf(state: RawCluster, end: string): End[] {
  if (!end.includes("/")) return [{ address: end }];
  return state.pods
    .filter((pod) => takesPart(pod) && workloadOf(pod) === end)
    .map((pod) => ({ pod: podKey(pod) }));
}

function isSame(a: End, b: End): boolean {
  return "pod" in a && "pod" in b && a.pod === b.pod;
}

function policiesOf(raw: RawCluster): Partial<RawCluster> {
  const { networkPolicies, clusterNetworkPolicies, adminNetworkPolicies, baselineAdminNetworkPolicies } = raw;
  return {
    networkPolicies,
    ...(clusterNetworkPolicies === undefined ? {} : { clusterNetworkPolicies }),
    ...(adminNetworkPolicies === undefined ? {} : { adminNetworkPolicies }),
    ...(baselineAdminNetworkPolicies === undefined ? {} : { baselineAdminNetworkPolicies }),
  };
}

function isOutside(state: RawCluster, text: string): boolean {
  const end = resolveEnd(state, { address: text }, parseAddress(text).family);
  return end?.pod === undefined && end?.node === undefined;
}

/** Whether any pod of a workload, or an address, may send to any other pod of a workload, or to an address. */
function passes(state: RawCluster, from: string, to: string, traffic: Traffic): boolean {
  return endsOf(state, from).some((source) =>
    endsOf(state, to).some(
      (destination) => !isSame(source, destination) && isAllowed(state, source, destination, traffic),
    ),
  );
}

/** What the document says of a packet. */
function claims(
  document: DiffDocument,
): (from: string, to: string, family: Family, packet: PortOfInterest | "other") => Verdict {
  const changes = new Map<string, DiffChange[]>();
  for (const change of document.changes) {
    const key = `${change.from} ${change.to}`;
    changes.set(key, [...(changes.get(key) ?? []), change]);
  }
  const ranges = document.peers.flatMap((peer) =>
    peer.kind === "external" ? peer.ranges.map((text) => ({ id: peer.id, ...rangeOf(text) })) : [],
  );
  const idsOf = (end: string): string[] => {
    if (end.includes("/")) return [end];
    const { family, bits } = parseAddress(end);
    return ranges
      .filter((each) => each.family === family && each.first <= bits && bits <= each.last)
      .map(({ id }) => id);
  };
  return (from, to, family, packet) => {
    const found = idsOf(from).flatMap((source) =>
      idsOf(to).flatMap((destination) => changes.get(`${source} ${destination}`) ?? []),
    );
    const about = found.filter(
      (change) =>
        (change.family === undefined || change.family === `IPv${family}`) && hasPort(change.ports, packet),
    );
    expect(about.length).toBeLessThan(2);
    const [change] = about;
    return change === undefined ? "same" : (`${change.change} by ${change.cause}` as Verdict);
  };
}

function rangeOf(text: string): { family: Family; first: string; last: string } {
  const [first, last] = text.split("-").map(parseAddress);
  return { family: first!.family, first: first!.bits, last: last!.bits };
}

function hasPort(tokens: readonly string[], packet: PortOfInterest | "other"): boolean {
  return tokens.some((token) => {
    if (token === "all") return true;
    if (packet === "other") return token === "other";
    const [protocol, ports = ""] = token.split("/");
    const [first, last = first] = ports.split("-").map(Number);
    return protocol === packet.protocol && first! <= packet.port && packet.port <= last!;
  });
}

/** The counts of the summary are those of the pairs, the outside being one end; its causes add up. */
function checkCounts({ summary, changes, peers }: DiffDocument, seed: number): void {
  const external = new Set(peers.filter(({ kind }) => kind === "external").map(({ id }) => id));
  const end = (id: string): string => (external.has(id) ? "outside" : id);
  const pairs = (
    change: string,
    cause?: string,
    counts: (each: DiffChange) => boolean = () => true,
  ): number =>
    new Set(
      changes
        .filter(
          (each) => each.change === change && (cause === undefined || each.cause === cause) && counts(each),
        )
        .map(({ from, to }) => `${end(from)} ${end(to)}`),
    ).size;
  const counted = (cause?: string) => ({ opens: pairs("opens", cause), closes: pairs("closes", cause) });
  expect({ seed, ...summary, unchanged: 0 }).toEqual({
    seed,
    ...counted(),
    dangerous: pairs(
      "opens",
      undefined,
      ({ danger }) => danger === "from-outside" || danger === "sensitive-port",
    ),
    unchanged: 0,
    by: { policy: counted("policy"), pods: counted("pods") },
  });
}
