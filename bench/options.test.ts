import { describe, expect, it } from "vitest";
import { readOptions } from "./options.ts";

describe("readOptions", () => {
  it("measures everything by default", () => {
    expect(readOptions([])).toMatchObject({
      profiles: ["a", "b", "c", "d", "growth"],
      enforcement: true,
      latency: true,
      authoring: true,
      samples: 200,
      // It takes longer than all the rest.
      agentMemory: false,
      from: [],
      quick: false,
      timeout: 600,
    });
  });

  it("takes profiles in any order", () => {
    expect(readOptions(["--profile", "growth, a"]).profiles).toEqual(["a", "growth"]);
  });

  it.each([
    { args: ["--enforcement"], profiles: [], enforcement: true, latency: false },
    { args: ["--profile", "b"], profiles: ["b"], enforcement: false, latency: false },
    { args: ["--profile", "b", "--enforcement"], profiles: ["b"], enforcement: true, latency: false },
    { args: ["--latency", "--samples", "20"], profiles: [], enforcement: false, latency: true, samples: 20 },
    { args: ["--authoring"], profiles: [], enforcement: false, latency: false, authoring: true },
    {
      args: ["--agent-memory"],
      profiles: [],
      enforcement: false,
      latency: false,
      authoring: false,
      agentMemory: true,
    },
  ])("measures what is asked for: $args", ({ args, ...wanted }) =>
    expect(readOptions(args)).toMatchObject(wanted),
  );

  it("takes several files of results", () =>
    expect(readOptions(["--from", "a.json,b.json"]).from).toEqual(["a.json", "b.json"]));

  it.each([
    [["--profile", "a,z"], "there is no such profile"],
    [["--timeout", "soon"], "give a number of seconds"],
    [["--samples", "0"], "give a whole number"],
    [["--fast"], "--fast"],
  ])("refuses %j", (args, words) => expect(() => readOptions(args)).toThrow(words));
});
