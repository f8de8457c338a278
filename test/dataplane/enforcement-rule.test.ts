// What is said of one packet, against what the program of the node does with it, read out of its rules and elements.
import { describe, expect, it } from "vitest";
import { compileProgram } from "../../src/dataplane/compile/compile.ts";
import { DEFAULT_ENFORCEMENT, type EnforcementConfig } from "../../src/dataplane/config.ts";
import { type NodePlace, type Stop, stopOf } from "../../src/dataplane/connections/enforcement-rule.ts";
import { decompile } from "../../src/dataplane/decompile/decompile.ts";
import { type RangesOfSet, rangesHold, rangesOfSet } from "../../src/dataplane/decompile/set-contents.ts";
import { createPolicyEngines } from "../../src/dataplane/policy-engines.ts";
import type { Program } from "../../src/dataplane/program/program.ts";
import type { Direction } from "../../src/k8s/objects.ts";
import { type Address, type Family, formatAddress, parseAddress } from "../../src/net/address.ts";
import { NO_PORTS, portSetHas, type Traffic } from "../../src/net/port-set.ts";
import { randomCluster } from "../generators/cluster.ts";
import { interestingProbes } from "../generators/probes.ts";
import { createRandom, type Random } from "../generators/random.ts";
import type { End } from "../reference/evaluate.ts";
import { hasSharedAddress, randomState } from "./random-state.ts";

/** More with PODWALL_CLUSTERS=2000; another part of the sequence with PODWALL_SEED. */
const CLUSTERS = Number(process.env.PODWALL_CLUSTERS ?? 60);
const FIRST_SEED = Number(process.env.PODWALL_SEED ?? 1);
const PACKETS_A_CLUSTER = 200;

describe("stopOf", () => {
  it("stops what the program of the node stops, for the same reason, and nothing else", {
    timeout: 600_000,
  }, () => {
    const seen = { passed: 0, "policy ingress": 0, "policy egress": 0, audited: 0 };
    const rare = { "unknown-pod ingress": 0, "unknown-pod egress": 0, self: 0, own: 0 };
    for (let seed = FIRST_SEED; seed < FIRST_SEED + CLUSTERS; seed++) {
      const cluster = randomState(seed);
      if (hasSharedAddress(cluster)) continue;
      const random = createRandom(seed);
      const raw = randomCluster(seed);
      const engines = createPolicyEngines(cluster);
      const { engine, unaudited } = engines;
      const probes = interestingProbes(raw, random, PACKETS_A_CLUSTER);
      const config = randomConfig(random);
      for (const { name: node, addresses } of cluster.nodes.values()) {
        const own = new Set(addresses.map(formatAddress));
        const alsoKnown = probes.flatMap(({ from }) =>
          "address" in from && random.chance(0.1) ? [parseAddress(from.address)!] : [],
        );
        const place: NodePlace = { engines, node, config, alsoKnown, ownAddresses: () => own };
        const program = compileProgram(engine, node, {
          config,
          alsoKnown,
          ...(unaudited === undefined ? {} : { unaudited }),
        });
        const withoutTrials: NodePlace = {
          ...place,
          config: { ...config, audit: false },
          engines: { engine, unaudited: undefined, apply: engines.apply },
        };
        const stops = stopsOfProgram(program, own);
        for (const { from, to, traffic: asked } of probes) {
          const address = (end: End): Address | undefined => {
            if ("address" in end) return parseAddress(end.address)!;
            return cluster.pods.find(({ id }) => id === end.pod)?.addresses[asked.family];
          };
          const [source, destination] = [address(from), address(to)];
          if (source?.family !== asked.family || destination?.family !== asked.family) continue;
          const traffic = asked as Traffic;
          const said = stopOf(place, source, destination, traffic);
          const ends = `${formatAddress(source)} > ${formatAddress(destination)}`;
          const where = `seed ${seed}, node ${node}: ${ends} ${traffic.protocol} ${traffic.port}`;
          expect(said, where).toEqual(stops(source, destination, traffic));
          const strict = stopOf(withoutTrials, source, destination, traffic);
          if (said === undefined && strict !== undefined) seen.audited++;
          else if (said === undefined) seen.passed++;
          else if (said.kind === "policy") seen[`policy ${said.direction}`]++;
          else rare[`unknown-pod ${said.direction}`]++;
          if (formatAddress(source) === formatAddress(destination)) rare.self++;
          if (own.has(formatAddress(source)) || own.has(formatAddress(destination))) rare.own++;
        }
      }
    }
    // Otherwise the packets would not have come by the hard places.
    for (const [what, times] of Object.entries(seen)) expect(times, what).toBeGreaterThan(CLUSTERS);
    for (const [what, times] of Object.entries(rare)) expect(times, what).toBeGreaterThan(CLUSTERS / 10);
  });
});

/** The defaults more often than not. */
function randomConfig(random: Random): EnforcementConfig {
  return {
    ...DEFAULT_ENFORCEMENT,
    deny: random.chance(0.2) ? "reject" : "drop",
    audit: random.chance(0.1),
    closedAtBirth: random.chance(0.8),
    flows: random.pick(["none", "denied", "all"] as const),
  };
}

/** Follows a packet along the frame, which is told by hand here, and through the chains, which are read. */
function stopsOfProgram(
  program: Program,
  own: ReadonlySet<string>,
): (source: Address, destination: Address, traffic: Traffic) => Stop | undefined {
  const outcome = decompile(program);
  const birth = { 4: birthRanges(program, 4), 6: birthRanges(program, 6) };
  const isIn = (name: string, address: Address, element: string): boolean =>
    program.sets.get(`${name}${address.family}`)?.elements.has(element) ?? false;
  return (source, destination, traffic) => {
    const stopOfSide = (direction: Direction, subject: Address, peer: Address): Stop | undefined => {
      const text = formatAddress(subject);
      if (!isIn(direction, subject, text)) {
        const isUnborn =
          rangesHold(birth[subject.family], subject.value) && !isIn("elsewhere", subject, text);
        return isUnborn ? { kind: "unknown-pod", direction } : undefined;
      }
      const { passes, skipsIngress, unknown } = outcome(direction, subject, peer);
      expect({ skipsIngress, unknown }).toEqual({ skipsIngress: NO_PORTS, unknown: NO_PORTS });
      if (portSetHas(passes, traffic) || isIn("self", subject, `${text} . ${formatAddress(peer)}`))
        return undefined;
      return { kind: "policy", direction };
    };
    if (own.has(formatAddress(source))) return undefined;
    const stop = stopOfSide("egress", source, destination);
    if (stop !== undefined || own.has(formatAddress(destination))) return stop;
    return stopOfSide("ingress", destination, source);
  };
}

function birthRanges(program: Program, family: Family): RangesOfSet {
  const set = program.sets.get(`birth${family}`);
  return set === undefined ? { ranges: [], unknown: [] } : rangesOfSet(set, family);
}
