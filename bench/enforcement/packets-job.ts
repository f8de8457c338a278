import type { Program } from "../../src/dataplane/program/program.ts";
import { clusterOf } from "../engine-adapter.ts";
import { formatNumber } from "../format.ts";
import { objectsOf, sizesOf } from "../profiles/inventory.ts";
import { compare } from "./compare.ts";
import { openEnforcement } from "./enforcement.ts";
import type { EnforcementReporter, Facts } from "./enforcement-result.ts";
import { measuredCluster, NODE } from "./measured-cluster.ts";
import {
  chainsOfConnections,
  elementCount,
  judgingChains,
  LINEAR,
  passedPackets,
  TRACKING_ONLY,
} from "./node-rules.ts";
import { openPacketPath, type PacketPath, runOrThrow } from "./packet-path.ts";
import {
  type PacketComparison,
  QUANTITIES,
  type QuantityName,
  RULES,
  type RulesName,
} from "./packet-result.ts";
import { measureRound, ROUNDS, type RoundSamples } from "./packet-rounds.ts";

/** What is set beside what. The first is ours. */
const PAIRS: readonly (readonly [RulesName, RulesName])[] = [
  ["few", "tracking"],
  ["many", "tracking"],
  ["many", "few"],
  ["control", "tracking"],
  ["linear", "tracking"],
];

/** Packets through nodes with and without policies, measured in turn. Inside the sandbox. */
export async function packetsJob(
  generator: string,
  scale: number,
  brief: boolean,
  report: EnforcementReporter,
): Promise<void> {
  const paths = new Map<RulesName, PacketPath>();
  const programs = new Map<RulesName, Program>();
  for (const name of Object.keys(RULES) as RulesName[]) {
    report.progress(`rules: ${RULES[name]}`);
    const path = await openPacketPath(name, generator);
    paths.set(name, path);
    if (name === "few" || name === "many") {
      const { program, facts } = await loadProgram(path, name, scale);
      programs.set(name, program);
      report.result({ facts });
    } else {
      await runOrThrow(path.node, ["nft", "-f", "-"], name === "linear" ? LINEAR : TRACKING_ONLY);
    }
  }
  const connections = new Map<RulesName, number>();
  for (const round of ROUNDS) {
    report.progress(round.title);
    const cycles = brief ? 5 : round.cycles;
    const samples = await measureRound(round, paths, generator, cycles, (name, count) =>
      connections.set(name, (connections.get(name) ?? 0) + count),
    );
    report.result({ packets: comparisons(samples) });
  }
  for (const [name, program] of programs) {
    await checkJudged(paths.get(name)!, program, connections.get(name)!);
  }
}

async function loadProgram(
  path: PacketPath,
  policies: "few" | "many",
  scale: number,
): Promise<{ program: Program; facts: Facts }> {
  const generated = measuredCluster(policies, scale);
  const sizes = sizesOf(generated);
  const cluster = clusterOf(objectsOf(generated));
  const program = (await openEnforcement(cluster, NODE, path.node)).program();
  const [egress, ingress] = judgingChains(program);
  const chain = ({ rules, elements }: typeof egress): string =>
    `${rules} rules and ${formatNumber(elements)} addresses`;
  const local = program.sets.get("self4")!.elements.size;
  return {
    program,
    facts: [
      [
        `${formatNumber(sizes.pods)} pods, ${formatNumber(sizes.policies)} policies`,
        `${local} pods on the node, ${program.chains.size} chains, ${program.sets.size} sets, ${formatNumber(elementCount(program))} elements; a measured packet meets ${chain(egress)} on its way out, ${chain(ingress)} on its way in`,
      ],
    ],
  };
}

function comparisons(samples: RoundSamples): PacketComparison[] {
  return (Object.keys(QUANTITIES) as QuantityName[]).flatMap((quantity) =>
    PAIRS.flatMap(([rules, beside]) => {
      const ours = samples.get(rules)?.[quantity];
      const theirs = samples.get(beside)?.[quantity];
      if (ours === undefined || theirs === undefined) return [];
      const { unit } = QUANTITIES[quantity];
      return [{ quantity, rules, beside, ...compare(unit, ours, theirs) }];
    }),
  );
}

/** Every connection was judged by both chains, or something else was measured than what was meant. */
async function checkJudged(path: PacketPath, program: Program, connections: number): Promise<void> {
  for (const { chain } of judgingChains(program)) {
    let passed = 0;
    for (const each of chainsOfConnections(program, chain)) {
      const listing = await runOrThrow(path.node, ["nft", "list", "chain", "inet", "podwall", each]);
      passed += passedPackets(listing);
    }
    if (passed < connections) {
      throw new Error(
        `${path.name}: ${connections} connections were made, ${chain} let ${passed} packets pass`,
      );
    }
  }
}
