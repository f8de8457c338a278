import { expect, it } from "vitest";
import type { Program, ProgramSet } from "../program/program.ts";
import { readWithDoubt } from "./doubtful-read.ts";

function setOf(name: string, ...elements: string[]): ProgramSet {
  const pairs = elements.map((element) => [element, ""] as const);
  return { name, kind: "set", type: "ipv4_addr", interval: false, elements: new Map(pairs) };
}

function programOf(rules: readonly string[], ...sets: ProgramSet[]): Program {
  return {
    chains: new Map([["forward", { name: "forward", rules }]]),
    sets: new Map(sets.map((set) => [set.name, set])),
  };
}

const A = setOf("a", "10.0.0.1", "10.0.0.2");
const B = setOf("b", "10.0.0.3");
const EXPECTED = programOf(["drop"], A, B);

/** A kernel that lists one thing as a whole, and other sets when asked again. Tells which it was asked for. */
async function read(first: Program, second: readonly ProgramSet[] | "gone" = []) {
  const asked: string[] = [];
  const found = await readWithDoubt(
    {
      read: async () => {
        asked.push("all");
        return first;
      },
      readSets: async (sets) => {
        asked.push(...sets.map(({ name }) => name));
        if (second === "gone") throw new Error("No such file or directory");
        return new Map(second.map((set) => [set.name, set]));
      },
    },
    EXPECTED,
  );
  return { found, asked };
}

it("looks once where nothing is different", async () => {
  expect((await read(EXPECTED)).asked).toEqual(["all"]);
});

it("looks again at sets of which elements are not listed, and believes what it sees then", async () => {
  const first = programOf(["drop"], setOf("a", "10.0.0.1"), B);
  expect(await read(first, [A])).toEqual({ found: EXPECTED, asked: ["all", "a"] });
  expect(await read(first, [setOf("a", "10.0.0.1")])).toEqual({ found: first, asked: ["all", "a"] });
});

it.each<[string, Program]>([
  ["a rule too many", programOf(["accept", "drop"], A, B)],
  ["a set that is gone", programOf(["drop"], A)],
  ["an element too many", programOf(["drop"], A, setOf("b", "10.0.0.3", "10.0.0.4"))],
  ["a rule too few beside an element that is not listed", programOf([], setOf("a", "10.0.0.1"), B)],
  ["flags of the table", { ...programOf(["drop"], setOf("a", "10.0.0.1"), B), foreign: ["flags"] }],
])("believes %s at once", async (_, first) => {
  expect(await read(first)).toEqual({ found: first, asked: ["all"] });
});

it("reads all of it again when a set has gone in between", async () => {
  const first = programOf(["drop"], setOf("a"), B);
  expect(await read(first, "gone")).toEqual({ found: first, asked: ["all", "a", "all"] });
});
