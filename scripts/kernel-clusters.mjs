import { spawn } from "node:child_process";
import { root } from "./run.mjs";
import { ensurePackages } from "./setup.mjs";

const CLUSTERS = 500;
const PROCESSES = 2;

/**
 * Compares engine, reference evaluator, the rules read back from the kernel and packets on many random clusters (the
 * nightly size), in several processes at once. PODWALL_KERNEL_CLUSTERS says how many clusters, PODWALL_SEED which seed
 * comes first, PODWALL_PROCESSES how many processes. Every 25 clusters one line of progress; a disagreement is told with
 * its seed and its manifests, and makes the exit status 1. So does a machine on which no packets can be sent.
 */
async function kernelClusters() {
  const clusters = positive("PODWALL_KERNEL_CLUSTERS", CLUSTERS);
  const firstSeed = positive("PODWALL_SEED", 1);
  const processes = Math.min(positive("PODWALL_PROCESSES", PROCESSES), clusters);
  ensurePackages();
  const each = Math.ceil(clusters / processes);
  console.log(
    `${clusters} clusters, seeds ${firstSeed} to ${firstSeed + clusters - 1}, ${processes} processes`,
  );
  const parts = [];
  for (let done = 0; done < clusters; done += each) {
    parts.push(part(firstSeed + done, Math.min(each, clusters - done)));
  }
  const failed = (await Promise.all(parts)).filter((status) => status !== 0).length;
  console.log(
    failed === 0
      ? `engine, reference evaluator, verify and packets agree on all ${clusters} clusters`
      : `${failed} of ${parts.length} processes failed: what went wrong is above`,
  );
  return failed === 0 ? 0 : 1;
}

function positive(name, otherwise) {
  const text = process.env[name];
  if (text === undefined || text === "") return otherwise;
  const value = Number(text);
  if (Number.isSafeInteger(value) && value > 0) return value;
  console.error(`podwall: ${name} is "${text}", but must be a whole number above 0`);
  process.exit(2);
}

/** Runs the test on a part of the sequence; resolves to the exit status. */
function part(firstSeed, clusters) {
  const vitest = ["node_modules/vitest/vitest.mjs", "run", "--reporter=verbose"];
  const child = spawn(process.execPath, [...vitest, "test/kernel/random-clusters.test.ts"], {
    cwd: root,
    stdio: ["ignore", "inherit", "inherit"],
    env: {
      ...process.env,
      PODWALL_KERNEL_CLUSTERS: String(clusters),
      PODWALL_SEED: String(firstSeed),
      PODWALL_KERNEL_REQUIRED: "yes",
    },
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (status) => resolve(status ?? 1));
  });
}

process.exitCode = await kernelClusters();
