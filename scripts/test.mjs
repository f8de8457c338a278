import { build } from "./build.mjs";
import { run } from "./run.mjs";
import { ensureBrowser, ensurePackages, ensureSystemPrograms } from "./setup.mjs";

/**
 * Runs vitest with the arguments of the command line (`npm test -- src/net`). With the environment variable
 * PODWALL_TEST_REPORT a JSON report is written to that file too.
 */
async function test(args) {
  ensurePackages();
  ensureSystemPrograms();
  ensureBrowser();
  // Tests of the command line and of the lab start what is in dist/.
  if (!(await build())) return 1;
  const report = process.env.PODWALL_TEST_REPORT;
  const reporters = ["--reporter=default", "--reporter=./scripts/skipped-reporter.mjs"];
  if (report !== undefined && report !== "") reporters.push("--reporter=json", `--outputFile.json=${report}`);
  return run(process.execPath, ["node_modules/vitest/vitest.mjs", "run", ...reporters, ...args]);
}

process.exitCode = await test(process.argv.slice(2));
