// The comparison of functions by itself, blind to the words of the program: whatever lets another packet pass is found.
import { expect, it } from "vitest";
import { ENGINE_POLICY_KINDS, engineOf } from "../../../test/agreement/from-raw.ts";
import { randomCluster } from "../../../test/generators/cluster.ts";
import type { End } from "../../engine/end.ts";
import type { Engine } from "../../engine/engine.ts";
import { FAMILIES, parseAddress } from "../../net/address.ts";
import { NO_PORTS } from "../../net/port-set.ts";
import { compileProgram } from "../compile/compile.ts";
import { decompile } from "../decompile/decompile.ts";
import type { Program } from "../program/program.ts";
import { verifyProgram } from "./verify.ts";

const CLUSTERS = 15;
const FIRST_SEED = Number(process.env.PODWALL_SEED ?? 1);
const OUTSIDE = ["1.2.3.4", "192.168.5.10", "2001:db8::7"].map((text) => parseAddress(text)!);

/** Programs with one element, or one rule of a class chain, less than they should have. */
function* broken(program: Program): Generator<Program> {
  for (const set of program.sets.values()) {
    for (const element of set.elements.keys()) {
      const elements = new Map(set.elements);
      elements.delete(element);
      yield { ...program, sets: new Map(program.sets).set(set.name, { ...set, elements }) };
    }
  }
  for (const chain of program.chains.values()) {
    if (!/^(in|eg)[46]_/.test(chain.name)) continue;
    for (const i of chain.rules.keys()) {
      const rules = chain.rules.filter((_, k) => k !== i);
      yield { ...program, chains: new Map(program.chains).set(chain.name, { ...chain, rules }) };
    }
  }
}

/** True if some pair of a local pod and a pod or outside address fares otherwise than the engine says. */
function differsForSomebody(program: Program, engine: Engine, node: string): boolean {
  const passes = decompile(program);
  return engine.cluster.pods.some((pod) =>
    FAMILIES.some((family) => {
      const local = pod.addresses[family];
      if (pod.node !== node || pod.hostNetwork || local === undefined) return false;
      const own: End = { kind: "pod", pod };
      const others = engine.cluster.pods.flatMap((each) =>
        each === pod ? [] : (each.addresses[family] ?? []),
      );
      return [...others, ...OUTSIDE.filter((each) => each.family === family)].some((peer) => {
        if (engine.addresses.isNodeAddress(node, peer)) return false;
        const other: End = { kind: "address", address: peer };
        const entering = passes("ingress", local, peer);
        const leaving = passes("egress", local, peer);
        return (
          entering.passes !== engine.sidePorts("ingress", other, own, family) ||
          leaving.passes !== engine.sidePorts("egress", own, other, family) ||
          leaving.skipsIngress !== NO_PORTS
        );
      });
    }),
  );
}

it("finds without the compiled program what lets another packet pass", () => {
  let [found, harmless] = [0, 0];
  for (let seed = FIRST_SEED; seed < FIRST_SEED + CLUSTERS; seed++) {
    const engine = engineOf(randomCluster(seed, { policyKinds: ENGINE_POLICY_KINDS }));
    for (const node of engine.cluster.nodes.keys()) {
      for (const program of broken(compileProgram(engine, node))) {
        const differences = verifyProgram(program, engine, node, { expected: program });
        if (differsForSomebody(program, engine, node)) {
          expect(
            differences.map(({ code }) => code),
            `seed ${seed} ${node}`,
          ).toContain("ports-differ");
          found++;
        } else if (differences.length === 0) {
          harmless++;
        }
      }
    }
  }
  expect(found).toBeGreaterThan(CLUSTERS * 10);
  expect(harmless).toBeGreaterThan(0);
});
