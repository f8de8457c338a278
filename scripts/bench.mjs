import { rmSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { root } from "./run.mjs";
import { requireNode } from "./setup.mjs";

const OUT = ".cache/bench";
const PIECES = "pieces";

/**
 * Bundles the benchmarks as the programs are bundled, so that what is measured is what users run, and runs them.
 * Unlike other scripts it installs nothing: measuring must not change what it measures, nor a folder of packages that
 * other checkouts may share.
 */
async function bench() {
  requireNode();
  const { build } = await import("esbuild").catch((error) => {
    if (error.code !== "ERR_MODULE_NOT_FOUND") throw error;
    console.error("bench: the npm packages are not installed; run this first: npm run setup");
    process.exit(1);
  });
  const options = {
    absWorkingDir: root,
    outdir: OUT,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20",
    packages: "external",
    sourcemap: true,
    logLevel: "warning",
  };
  await build({
    ...options,
    entryPoints: {
      run: "bench/run.ts",
      child: "bench/jobs/child.ts",
      inside: "bench/enforcement/inside.ts",
      "latency-inside": "bench/enforcement-latency/inside.ts",
      "memory-inside": "bench/agent-memory/inside.ts",
    },
  });
  // The command line, from which agents are started too.
  rmSync(join(root, OUT, PIECES), { recursive: true, force: true });
  await build({
    ...options,
    entryPoints: { podwall: "src/cli/main.ts" },
    splitting: true,
    chunkNames: `${PIECES}/[name]-[hash]`,
  });
  // Paths in the arguments are meant from where npm was started.
  if (process.env.INIT_CWD !== undefined) process.chdir(process.env.INIT_CWD);
  // In this very process, so that a signal to it ends what is being measured.
  await import(pathToFileURL(join(root, OUT, "run.js")).href);
}

await bench();
