import type { End } from "../../src/engine/end.ts";
import type { Traffic } from "../../src/net/port-set.ts";
import { createRandom, type Random } from "../../test/generators/random.ts";
import type { BenchEngine } from "../engine-adapter.ts";
import type { GeneratedCluster } from "../profiles/inventory.ts";
import type { Measure, Measures } from "../result.ts";
import { measureOf } from "../stats.ts";
import { consume, type Effort, repeat } from "../stopwatch.ts";

const QUESTIONS = 1 << 18;

interface Question {
  readonly from: End;
  readonly to: End;
  readonly traffic: Traffic;
}

/** Questions a second, about random pairs in random order; ends and traffic are made beforehand. */
export function measureVerdicts(engine: BenchEngine, cluster: GeneratedCluster, effort: Effort): Measures {
  const random = createRandom(7);
  const pods = engine.podEnds();
  const addresses = addressesToAsk(cluster, random).map((text) => engine.addressEnd(text));
  const traffic = trafficToAsk(cluster, random);
  const pod = (): End => random.pick(pods);
  const address = (): End => random.pick(addresses);
  return {
    verdicts: rate(engine, effort, () => ({ from: pod(), to: pod(), traffic: random.pick(traffic) })),
    addressVerdicts: rate(engine, effort, (i) => ({
      from: i % 2 === 0 ? pod() : address(),
      to: i % 2 === 0 ? address() : pod(),
      traffic: random.pick(traffic),
    })),
  };
}

function rate(engine: BenchEngine, effort: Effort, question: (index: number) => Question): Measure {
  const questions = Array.from({ length: QUESTIONS }, (_, i) => question(i));
  const milliseconds = repeat(
    effort,
    () => questions,
    (all) => {
      let allowed = 0;
      for (const { from, to, traffic } of all) if (engine.allows(from, to, traffic)) allowed++;
      consume(allowed);
    },
  );
  return measureOf(
    "verdicts/s",
    milliseconds.map((each) => (QUESTIONS / each) * 1000),
  );
}

/** Half of them at the edges of blocks that policies name, half anywhere. */
function addressesToAsk(cluster: GeneratedCluster, random: Random): string[] {
  const named = cluster.policies.flatMap(({ spec }) =>
    [...(spec.ingress ?? []).flatMap((r) => r.from ?? []), ...(spec.egress ?? []).flatMap((r) => r.to ?? [])]
      .flatMap((peer) => peer.ipBlock ?? [])
      .map(({ cidr }) => cidr.slice(0, cidr.indexOf("/"))),
  );
  const anywhere = (): string =>
    [random.int(1, 223), random.int(0, 255), random.int(0, 255), random.int(1, 254)].join(".");
  return Array.from({ length: 4096 }, (_, i) =>
    i % 2 === 0 && named.length > 0 ? random.pick(named) : anywhere(),
  );
}

/** The ports that pods declare, a few others, and ICMP. */
function trafficToAsk(cluster: GeneratedCluster, random: Random): Traffic[] {
  const declared = new Map<string, Traffic>();
  for (const pod of cluster.pods) {
    for (const { protocol, port } of pod.ports) declared.set(`${protocol}/${port}`, { protocol, port });
  }
  const others = Array.from(
    { length: 20 },
    (): Traffic => ({ protocol: "TCP", port: random.int(1, 65_535) }),
  );
  return [...declared.values(), ...others, { protocol: "UDP", port: 53 }, { protocol: "other" }];
}
