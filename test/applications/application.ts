// The applications beside this file: their manifests, and the two texts that people wrote about them.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { ROOT } from "../cli/run-podwall.ts";

const APPLICATIONS = `${ROOT}test/applications`;

/** A line of `planted.txt`: a mistake that was put in on purpose, or a place where one shows. */
export interface PlantedMistake {
  /** Relative to the folder of the application. */
  readonly file: string;
  readonly line: number;
  /** What is wrong, and which traffic it affects. */
  readonly words: string;
  /** True for a line with `also`: no mistake itself, but to speak of it is right, as it follows from one. */
  readonly follows: boolean;
}

/** The name of every application, in order. */
export function applicationNames(): string[] {
  return readdirSync(APPLICATIONS, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(`${APPLICATIONS}/${entry.name}/planted.txt`))
    .map(({ name }) => name)
    .sort();
}

/** The folder of an application. */
export function applicationFolder(name: string): string {
  return `${APPLICATIONS}/${name}`;
}

/** The text of a file of an application. */
export function applicationText(name: string, file: string): string {
  return readFileSync(`${applicationFolder(name)}/${file}`, "utf8");
}

/**
 * Parses `planted.txt`: `none`, or a line `file:line  words` for each mistake, with `also ` before it for what follows from one;
 * `#` begins a comment.
 *
 * Throws an Error that begins with `line N:` for anything else.
 */
export function parsePlanted(text: string): PlantedMistake[] {
  const lines = text
    .split("\n")
    .map((content, index) => ({ content: content.trim(), number: index + 1 }))
    .filter(({ content }) => content !== "" && !content.startsWith("#"));
  if (lines.length === 1 && lines[0]?.content === "none") return [];
  if (lines.length === 0) throw new Error("line 1: neither `none` nor a mistake");
  return lines.map(({ content, number }) => {
    const match = /^(also )?(\S+):([1-9]\d*)\s+(\S.*)$/.exec(content);
    if (match === null) throw new Error(`line ${number}: wanted \`file:line  words\`, found: ${content}`);
    const [, also, file = "", line, words = ""] = match;
    return { file, line: Number(line), words, follows: also !== undefined };
  });
}
