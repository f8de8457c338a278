import { describe, expect, it } from "vitest";
import { readOptions } from "./options.ts";

describe("readOptions", () => {
  it("measures everything by default", () => {
    expect(readOptions([])).toMatchObject({
      profiles: ["a", "b", "c", "d", "growth"],
      quick: false,
      timeout: 600,
    });
  });

  it("takes profiles in any order", () => {
    expect(readOptions(["--profile", "growth, a"]).profiles).toEqual(["a", "growth"]);
  });

  it.each([
    [["--profile", "a,z"], "there is no such profile"],
    [["--timeout", "soon"], "give a number of seconds"],
    [["--fast"], "--fast"],
  ])("refuses %j", (args, words) => expect(() => readOptions(args)).toThrow(words));
});
