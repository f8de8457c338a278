import { describe, expect, it } from "vitest";
import { readOptions } from "./options.ts";

describe("readOptions", () => {
  it("measures everything by default", () => {
    expect(readOptions([])).toMatchObject({
      profiles: ["a", "b", "c", "d", "growth"],
      enforcement: true,
      quick: false,
      timeout: 600,
    });
  });

  it("takes profiles in any order", () => {
    expect(readOptions(["--profile", "growth, a"]).profiles).toEqual(["a", "growth"]);
  });

  it.each([
    { args: ["--enforcement"], profiles: [], enforcement: true },
    { args: ["--profile", "b"], profiles: ["b"], enforcement: false },
    { args: ["--profile", "b", "--enforcement"], profiles: ["b"], enforcement: true },
  ])("measures what is asked for: $args", ({ args, profiles, enforcement }) =>
    expect(readOptions(args)).toMatchObject({ profiles, enforcement }),
  );

  it.each([
    [["--profile", "a,z"], "there is no such profile"],
    [["--timeout", "soon"], "give a number of seconds"],
    [["--fast"], "--fast"],
  ])("refuses %j", (args, words) => expect(() => readOptions(args)).toThrow(words));
});
