import { expect, it } from "vitest";
import { atMost } from "./at-most.ts";

it("works on no more than so many at a time, and keeps the order", async () => {
  let now = 0;
  let most = 0;
  const results = await atMost(3, [1, 2, 3, 4, 5, 6, 7], async (n) => {
    most = Math.max(most, ++now);
    for (let turns = 0; turns < 10 - n; turns++) await Promise.resolve();
    now--;
    return n * 2;
  });
  expect(results).toEqual([2, 4, 6, 8, 10, 12, 14]);
  expect(most).toBe(3);
  expect(await atMost(3, [], () => Promise.resolve(1))).toEqual([]);
});
