import { expect, it } from "vitest";
import { EMPTY_PROGRAM, type Program, type ProgramChain, type ProgramSet } from "../program/program.ts";
import { programChange } from "../program/program-change.ts";
import { applyChange, type Kernel } from "./kernel.ts";

/** A kernel that takes everything, and the transactions that it took. */
function recorder(): { kernel: Kernel; transactions: string[][] } {
  const transactions: string[][] = [];
  const kernel: Kernel = {
    apply: async (script) => {
      transactions.push(script.trim().split("\n"));
    },
    read: async () => EMPTY_PROGRAM,
    readSets: async () => EMPTY_PROGRAM.sets,
    close: () => undefined,
  };
  return { kernel, transactions };
}

function programOf(goesTo: string, elements: readonly string[]): Program {
  const chain: ProgramChain = { name: goesTo, rules: [`ip saddr @peers_${goesTo} accept`, "drop"] };
  const sets: ProgramSet[] = [
    { name: `peers_${goesTo}`, kind: "set", type: "ipv4_addr", interval: false, elements: new Map() },
    {
      name: "ingress4",
      kind: "map",
      type: "ipv4_addr : verdict",
      interval: false,
      elements: new Map(elements.map((element) => [element, `goto ${goesTo}`])),
    },
  ];
  return {
    chains: new Map([[chain.name, chain]]),
    sets: new Map(sets.map((set) => [set.name, set])),
  };
}

it("makes a chain in a transaction before the one that sends packets to it", async () => {
  const { kernel, transactions } = recorder();
  const change = programChange(programOf("old", ["10.0.0.1"]), programOf("new", ["10.0.0.1"]));
  await applyChange(kernel, change, true);
  expect(transactions).toEqual([
    [
      "add chain inet podwall new",
      "add set inet podwall peers_new { type ipv4_addr; }",
      "add rule inet podwall new ip saddr @peers_new accept",
      "add rule inet podwall new drop",
    ],
    [
      "delete element inet podwall ingress4 { 10.0.0.1 : goto old }",
      "add element inet podwall ingress4 { 10.0.0.1 : goto new }",
      "flush chain inet podwall old",
      "delete chain inet podwall old",
      "delete set inet podwall peers_old",
    ],
  ]);
});

it("takes one transaction where no chain and no set is new", async () => {
  const { kernel, transactions } = recorder();
  const change = programChange(programOf("old", ["10.0.0.1"]), programOf("old", ["10.0.0.1", "10.0.0.2"]));
  await applyChange(kernel, change, true);
  expect(transactions).toEqual([["add element inet podwall ingress4 { 10.0.0.2 : goto old }"]]);
});
