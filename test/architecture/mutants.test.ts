import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const ROOT = join(import.meta.dirname, "../..");

interface Mutant {
  readonly corner: string;
  readonly file: string;
  readonly find: string;
}

describe("the mutants", () => {
  // `npm run mutants` takes long, and ends at the first that has lost its place.
  it("have exactly one place each in the sources", () => {
    const script = 'import("./test/mutants/mutants.mjs").then((m) => console.log(JSON.stringify(m.MUTANTS)))';
    const mutants = JSON.parse(
      execFileSync(process.execPath, ["-e", script], { cwd: ROOT, encoding: "utf8" }),
    ) as Mutant[];
    expect(mutants.length).toBeGreaterThan(20);
    const lost = mutants.filter(
      ({ file, find }) => readFileSync(join(ROOT, file), "utf8").split(find).length !== 2,
    );
    expect(lost).toEqual([]);
  });
});
