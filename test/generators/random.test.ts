import { describe, expect, it } from "vitest";
import { createRandom } from "./random.ts";

describe("createRandom", () => {
  it("repeats itself for the same seed only", () => {
    const stream = (seed: number) => Array.from({ length: 20 }, createRandom(seed).int.bind(null, 0, 999));
    expect(stream(5)).toEqual(stream(5));
    expect(stream(5)).not.toEqual(stream(6));
    expect(stream(1)).not.toEqual(stream(1 + 2 ** 32));
  });

  it("neighbouring seeds start differently", () => {
    const firsts = Array.from({ length: 1000 }, (_, seed) => createRandom(seed).int(0, 9));
    for (let digit = 0; digit < 10; digit++) {
      expect(firsts.filter((first) => first === digit).length).toBeGreaterThan(50);
    }
  });

  it("draws integers from both ends of the range", () => {
    const random = createRandom(1);
    const drawn = new Set(Array.from({ length: 200 }, () => random.int(3, 5)));
    expect([...drawn].sort()).toEqual([3, 4, 5]);
  });

  it("weighs", () => {
    const random = createRandom(2);
    const drawn = Array.from({ length: 1000 }, () =>
      random.weighted([
        [9, "often"],
        [1, "rarely"],
        [0, "never"],
      ]),
    );
    expect(drawn.filter((value) => value === "often").length).toBeGreaterThan(800);
    expect(drawn).toContain("rarely");
    expect(drawn).not.toContain("never");
  });

  it("samples without repeating, and leaves the list alone", () => {
    const items = [1, 2, 3, 4];
    const sample = createRandom(3).sample(items, 3);
    expect(new Set(sample).size).toBe(3);
    expect(createRandom(3).sample(items, 9).toSorted()).toEqual(items);
    expect(items).toEqual([1, 2, 3, 4]);
  });

  it("cannot pick from nothing", () => {
    expect(() => createRandom(4).pick([])).toThrow("nothing to pick from");
  });
});
