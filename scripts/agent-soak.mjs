import { spawn } from "node:child_process";
import { build } from "./build.mjs";
import { root } from "./run.mjs";
import { ensurePackages } from "./setup.mjs";

const MINUTES = 20;

/**
 * Changes a cluster of a real API server at random, several times a second, troubles its two agents, and watches packets
 * all the while. PODWALL_SOAK_MINUTES says for how long (20), PODWALL_SEED with which choices (1). Progress goes to
 * standard error, and at the end one line of JSON with all counts to standard output. Exit status 1 if anything was wrong,
 * 2 where there can be no agents with packets.
 */
async function agentSoak() {
  const minutes = positive("PODWALL_SOAK_MINUTES", MINUTES);
  const seed = positive("PODWALL_SEED", 1);
  ensurePackages();
  if (!(await build())) return 1;
  const args = ["--import", "tsx", "test/agent/soak/start-soak.ts", String(minutes), String(seed)];
  const child = spawn(process.execPath, args, { cwd: root, stdio: ["ignore", "inherit", "inherit"] });
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => child.kill(signal));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (status) => resolve(status ?? 1));
  });
}

function positive(name, otherwise) {
  const text = process.env[name];
  if (text === undefined || text === "") return otherwise;
  const value = Number(text);
  if (Number.isSafeInteger(value) && value > 0) return value;
  console.error(`podwall: ${name} is "${text}", but must be a whole number above 0`);
  process.exit(2);
}

process.exitCode = await agentSoak();
