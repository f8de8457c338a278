// What is loaded is what is read back: the real nft, with every construct that programs have.
import { readdirSync } from "node:fs";
import { expect, it } from "vitest";
import { ROOT } from "../cli/run-podwall.ts";
import { describeKernel } from "./kernel-support.ts";
import type { ReadBackRun } from "./read-back-script.ts";
import { runKernelScript } from "./run-kernel-script.ts";

const folders = readdirSync(`${ROOT}examples`, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith("expected.txt"))
  .map((file) => `${ROOT}examples/${file.replace(/\/expected\.txt$/, "")}`);

const CLUSTERS = 30;
const FIRST_SEED = Number(process.env.PODWALL_SEED ?? 1);

describeKernel("a program that is read back", () => {
  it("is the one that was loaded", async () => {
    const args = [String(FIRST_SEED), String(CLUSTERS), ...folders];
    const run = await runKernelScript<ReadBackRun>("./read-back-script.ts", args);
    expect(run.wrong).toEqual([]);
    expect(run.programs).toBeGreaterThanOrEqual(1 + folders.length + CLUSTERS);
    expect(run.rules).toBeGreaterThan(1000);
    expect(run.elements).toBeGreaterThan(500);
  });
});
