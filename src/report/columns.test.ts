import { expect, it } from "vitest";
import { inColumns } from "./columns.ts";
import { durationText } from "./durations.ts";

it("aligns by what is seen, whatever sets it off", () => {
  const loud = (text: string): string => `<b>${text}</b>`;
  expect(
    inColumns([
      [{ text: "a", style: loud }, { text: "b" }],
      [{ text: "long" }, { text: "c" }],
      [{ text: "d" }],
    ]),
  ).toEqual(["<b>a</b>     b", "long  c", "d"]);
});

it.each([
  [0, "0"],
  [350.4, "350 ms"],
  [4230, "4.2 s"],
  [59_400, "59 s"],
  [119_000, "119 s"],
  [180_000, "3 min"],
  [7_200_000, "2 h"],
  [200_000_000, "2 days"],
])("writes %d ms as %s", (millis, text) => {
  expect(durationText(millis)).toBe(text);
});
