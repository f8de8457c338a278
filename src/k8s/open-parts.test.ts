import { describe, expect, it } from "vitest";
import { openParts } from "./open-parts.ts";
import { stringText } from "./source-text.ts";

describe("openParts", () => {
  it("keeps what is known of a part while it is among the last", () => {
    const open = openParts(stringText("abcdef"));
    const part = open({ start: 0, end: 3 });
    expect(part.text).toBe("abc");
    expect(open({ start: 3, end: 6 }).text).toBe("def");
    expect(open({ start: 0, end: 3 })).toBe(part);
  });

  it("tells parts apart that begin together", () => {
    const open = openParts(stringText("abcdef"));
    open({ start: 0, end: 3 });
    expect(open({ start: 0, end: 6 }).text).toBe("abcdef");
    expect(open({ start: 0, end: 3 }).text).toBe("abc");
  });

  it("forgets those that were not asked for the longest, and never the last one", () => {
    const size = 2 ** 19;
    const open = openParts(stringText("x".repeat(4 * size)));
    const parts = [0, 1, 2].map((number) => ({ start: number * size, end: (number + 1) * size }));
    const [first, second] = parts.map(open);
    expect(open(parts[0]!)).not.toBe(first);
    expect(open(parts[1]!)).not.toBe(second);
    const large = { start: 0, end: 4 * size };
    expect(open(large)).toBe(open(large));
  });
});
