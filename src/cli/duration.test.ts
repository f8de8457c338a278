import { expect, it } from "vitest";
import { parseDuration } from "./duration.ts";

it.each([
  ["60s", 60_000],
  ["90", 90_000],
  ["1m30s", 90_000],
  ["2h", 7_200_000],
  ["1.5s", 1500],
  ["250ms", 250],
  ["0", 0],
])("reads %s", (text, millis) => {
  expect(parseDuration(text)).toBe(millis);
});

it.each(["", "s", "1 m", "-1s", "5d", "1m3", "soon"])("refuses %j", (text) => {
  expect(() => parseDuration(text)).toThrow("give a time such as 60s");
});
