// The README shows what commands print: they are to print it. Those that depend on the machine, such as lab, are left out.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { podwall, ROOT } from "./run-podwall.ts";

interface Shown {
  readonly command: string;
  readonly output: string;
}

/** The commands that stand behind a `$` in an indented block, each with the lines up to the next or the end of the block. */
function shownCommands(text: string): Shown[] {
  const shown: Shown[] = [];
  const lines = text.split("\n");
  for (const [place, line] of lines.entries()) {
    const command = /^ {4}\$ podwall ((?:check|diff|test|explain) .*)$/.exec(line)?.[1];
    if (command === undefined) continue;
    const rest = lines.slice(place + 1);
    const end = rest.findIndex((each) => each.startsWith("    $ ") || /^\S/.test(each));
    shown.push({ command, output: trimmed(rest.slice(0, end).map((each) => each.slice(4))) });
  }
  return shown;
}

function trimmed(lines: readonly string[]): string {
  return lines
    .map((line) => line.trimEnd())
    .join("\n")
    .trim();
}

describe("README.md", () => {
  const shown = shownCommands(readFileSync(`${ROOT}README.md`, "utf8"));

  it("shows check, diff, test and explain", () => {
    expect([...new Set(shown.map(({ command }) => command.split(" ")[0]))].sort()).toEqual([
      "check",
      "diff",
      "explain",
      "test",
    ]);
  });

  it.each(shown)("shows what podwall $command prints", async ({ command, output }) => {
    const { stdout } = await podwall(command.split(" "));
    expect(trimmed(stdout.split("\n"))).toBe(output);
  });
});
