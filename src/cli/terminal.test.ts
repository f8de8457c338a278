import { expect, it } from "vitest";
import { counterLine } from "./terminal.ts";

function written(isTTY: boolean): string {
  let text = "";
  const stream = { isTTY, write: (part: string) => (text += part) } as unknown as NodeJS.WriteStream;
  const line = counterLine(stream);
  line.show("reading pods", 500);
  line.show("reading pods", 12_500);
  line.clear();
  return text;
}

it("counts on one line of a terminal, and leaves it empty", () => {
  expect(written(true).split("\r\u001b[K")).toEqual(["", "reading pods  500", "reading pods  12,500", ""]);
});

it("writes nothing where there is no terminal", () => {
  expect(written(false)).toBe("");
});
