// Cases on random clusters against the reference evaluator, pair by pair: what passes must hold for every pair that is
// tried, and each counterexample must be one.
import { expect, it } from "vitest";
import { clusterEnds } from "../../src/analysis/assertions/cluster-ends.ts";
import { type JudgedCase, judgeCase } from "../../src/analysis/assertions/judge-case.ts";
import { readAssertions } from "../../src/analysis/assertions/read-assertions.ts";
import { addressesOf, type End } from "../../src/engine/end.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { formatAddress, parseAddress } from "../../src/net/address.ts";
import { cidrContains, parseCidr } from "../../src/net/cidr.ts";
import { type Traffic as EngineTraffic, portSetHas, TRANSPORT_PROTOCOLS } from "../../src/net/port-set.ts";
import { ENGINE_POLICY_KINDS, engineOf } from "../agreement/from-raw.ts";
import { randomCluster } from "../generators/cluster.ts";
import { interestingAddresses, interestingPorts } from "../generators/probes.ts";
import { createRandom, type Random } from "../generators/random.ts";
import { isAllowed, type RawCluster, type End as ReferenceEnd, type Traffic } from "../reference/evaluate.ts";

const CLUSTERS = 300;
const CASES = 6;
/** Pairs tried for each case. */
const PAIRS = 30;

interface Chosen {
  readonly text: string;
  readonly members: readonly ReferenceEnd[];
}

it("hold for the reference evaluator, too", () => {
  const seen = { passed: 0, failed: 0, error: 0, pairs: 0 };
  for (let seed = 1; seed <= CLUSTERS; seed++) {
    const raw = randomCluster(seed, { policyKinds: ENGINE_POLICY_KINDS });
    const engine = engineOf(raw);
    const random = createRandom(seed);
    const ends = clusterEnds(engine.cluster);
    const ports = interestingPorts(raw);
    for (let i = 0; i < CASES; i++) {
      const [from, to] = [randomEnd(engine, raw, random), randomEnd(engine, raw, random)];
      const traffic: EngineTraffic = random.chance(0.15) ? { protocol: "other" } : random.pick(ports);
      const port = traffic.protocol === "other" ? "icmp" : `${traffic.port}/${traffic.protocol}`;
      const expected = random.pick(["allow", "deny"] as const);
      const text = `cases: [{from: ${from.text}, to: ${to.text}, port: ${port}, expect: ${expected}}]\n`;
      const { assertions, findings } = readAssertions("a", text);
      expect({ text, findings }).toEqual({ text, findings: [] });
      const result = judgeCase(engine, ends, assertions.assertions[0]!);
      seen[result.outcome]++;
      if (result.outcome === "error") continue;
      checkExamples(engine, raw, result, expected, { seed, text });
      if (result.outcome !== "passed") continue;
      for (const pair of random.sample(pairsOf(from, to), PAIRS)) {
        for (const family of [4, 6] as const) {
          if (!isDecided(engine, pair, family)) continue;
          seen.pairs++;
          const allowed = isAllowed(raw, pair.from, pair.to, { ...traffic, family } as Traffic);
          expect({ seed, text, pair, family, allowed }).toEqual({
            seed,
            text,
            pair,
            family,
            allowed: expected === "allow",
          });
        }
      }
    }
  }
  for (const count of [seen.passed, seen.failed]) expect(count).toBeGreaterThan((CLUSTERS * CASES) / 8);
  expect(seen.pairs).toBeGreaterThan(CLUSTERS * 10);
}, 300_000);

/** An end as a case names it, and whom it stands for. */
function randomEnd(engine: Engine, raw: RawCluster, random: Random): Chosen {
  const { cluster } = engine;
  const pods = cluster.pods.map(({ id }) => ({ pod: id }));
  const outside = interestingAddresses(raw).filter((text) => {
    const address = parseAddress(text)!;
    return (
      engine.addresses.podAt(address) === undefined &&
      engine.addresses.nodeAt(address) === undefined &&
      engine.addresses.hostNetworkPodAt(address) === undefined &&
      ![...cluster.nodes.values()].some(({ podRanges = [] }) =>
        podRanges.some((each) => cidrContains(each, address)),
      )
    );
  });
  const addresses = outside.map((address) => ({ address }));
  const [pod] = random.sample(cluster.pods, 1);
  const choice = random.int(0, 7);
  if (choice === 0) return { text: "anyone", members: [...pods, ...addresses] };
  if (choice === 1) return { text: "outside", members: addresses };
  if (choice === 2 || pod === undefined) {
    const [address = "203.0.113.77"] = random.sample(outside, 1);
    return { text: JSON.stringify(address), members: [{ address }] };
  }
  if (choice === 3) {
    const block = random.pick(["10.0.0.0/8", "192.168.0.0/16", "fd00::/8", "0.0.0.0/0"]);
    const inBlock = interestingAddresses(raw).filter((text) =>
      cidrContains(parseCidr(block)!.cidr, parseAddress(text)!),
    );
    return { text: JSON.stringify(block), members: inBlock.map((address) => ({ address })) };
  }
  if (choice === 4) return { text: pod.id, members: [{ pod: pod.id }] };
  if (choice === 5) {
    const others = pods.filter((each) => each.pod !== pod.id);
    return { text: `{anyone: true, except: [${pod.id}]}`, members: [...others, ...addresses] };
  }
  const inNamespace = cluster.pods.filter(({ namespace }) => namespace === pod.namespace);
  if (choice === 6) {
    return { text: `{namespace: ${pod.namespace}}`, members: inNamespace.map(({ id }) => ({ pod: id })) };
  }
  const labels = Object.entries(pod.labels).slice(0, 1);
  const alike = cluster.pods.filter((each) => labels.every(([key, value]) => each.labels[key] === value));
  const text = `{namespaces: {}, labels: {${labels.map(([key, value]) => `${JSON.stringify(key)}: ${JSON.stringify(value)}`)}}}`;
  return { text, members: alike.map(({ id }) => ({ pod: id })) };
}

interface ReferencePair {
  readonly from: ReferenceEnd;
  readonly to: ReferenceEnd;
}

function pairsOf(from: Chosen, to: Chosen): ReferencePair[] {
  return from.members.flatMap((source) =>
    to.members.map((destination) => ({ from: source, to: destination })),
  );
}

/** False where no policy decides, or where an end has no address of the family. */
function isDecided(engine: Engine, pair: ReferencePair, family: 4 | 6): boolean {
  const [from, to] = [seenEnd(engine, pair.from), seenEnd(engine, pair.to)];
  const [source, destination] = [from, to].map((end) => addressesOf(end)[family]);
  if (source === undefined || destination === undefined) return false;
  const sender = engine.addresses.podAt(source);
  const receiver = engine.addresses.podAt(destination);
  if (sender === undefined && receiver === undefined) return false;
  if (sender !== undefined) return sender !== receiver;
  const { node } = receiver!;
  return node === undefined || !engine.addresses.isNodeAddress(node, source);
}

function seenEnd(engine: Engine, end: ReferenceEnd): End {
  if ("address" in end) return { kind: "address", address: parseAddress(end.address)! };
  return { kind: "pod", pod: engine.cluster.pods.find(({ id }) => id === end.pod)! };
}

/** Every counterexample must be one for the reference evaluator, in each of its families, on each end of its ranges. */
function checkExamples(
  engine: Engine,
  raw: RawCluster,
  { counterexamples, outcome }: JudgedCase,
  expected: "allow" | "deny",
  about: object,
): void {
  expect(counterexamples.length > 0).toBe(outcome === "failed");
  for (const { from, to, families, ports } of counterexamples) {
    const pair = { from: referenceEnd(from), to: referenceEnd(to) };
    for (const family of families) {
      expect(isDecided(engine, pair, family)).toBe(true);
      const packets: EngineTraffic[] = TRANSPORT_PROTOCOLS.flatMap((protocol) =>
        ports[protocol].map((port) => ({ protocol, port })),
      );
      if (portSetHas(ports, { protocol: "other" })) packets.push({ protocol: "other" });
      expect(packets).not.toEqual([]);
      for (const packet of packets) {
        const allowed = isAllowed(raw, pair.from, pair.to, { ...packet, family } as Traffic);
        expect({ ...about, pair, family, packet, allowed }).toEqual({
          ...about,
          pair,
          family,
          packet,
          allowed: expected === "deny",
        });
      }
    }
  }
}

function referenceEnd(end: End): ReferenceEnd {
  return end.kind === "pod" ? { pod: end.pod.id } : { address: formatAddress(end.address) };
}
