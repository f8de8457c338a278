// node scripts/build.mjs && npx tsx bench/authoring/measure-diff.ts [RUNS]
// The whole of `podwall diff OLD NEW` on two clusters of the size of profile a, reading included.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { changedClusters } from "./changed-clusters.ts";

const GOAL_SECONDS = 4;

/** One changed policy of each of three sorts in so many. */
const EVERY = 300;

const runs = Number(process.argv[2] ?? 5);
const podwall = fileURLToPath(new URL("../../dist/podwall.js", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "podwall-diff-"));
try {
  const { before, after, changedPolicies } = changedClusters(EVERY);
  const files = [before, after].map((text, place) => {
    const file = join(folder, place === 0 ? "old.yaml" : "new.yaml");
    writeFileSync(file, text);
    return file;
  });
  const seconds: number[] = [];
  let headline = "";
  for (let run = 0; run < runs; run++) {
    const started = performance.now();
    const { status, stdout, stderr } = spawnSync(process.execPath, [podwall, "diff", ...files], {
      encoding: "utf8",
    });
    seconds.push((performance.now() - started) / 1000);
    if (status !== 0) throw new Error(`podwall diff ended with ${status}: ${stderr}`);
    headline = stdout.split("\n")[0]!;
  }
  seconds.sort((a, b) => a - b);
  const median = seconds[Math.floor(seconds.length / 2)]!;
  console.log(
    `diff of two clusters with ${changedPolicies} policies changed: ${median.toFixed(2)} s (${seconds[0]!.toFixed(2)} s - ${seconds.at(-1)!.toFixed(2)} s), goal < ${GOAL_SECONDS} s: ${median < GOAL_SECONDS ? "pass" : "FAIL"}`,
  );
  console.log(`  ${headline}; load average before ${loadavg()[0]!.toFixed(1)}`);
} finally {
  rmSync(folder, { recursive: true });
}
