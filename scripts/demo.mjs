import { build } from "./build.mjs";
import { run } from "./run.mjs";
import { ensurePackages, ensureSystemPrograms } from "./setup.mjs";

const SHOP = "examples/shop";
/** Exit status of `podwall lab` where this machine cannot give it namespaces. */
const NO_KERNEL = 3;
/** Exit status of `podwall explain` for a denied connection, which is what the story is about. */
const DENIED = 1;

/** Runs the story of the README: the lab (or the map where no lab can run), then the explanation. */
async function demo() {
  ensurePackages();
  ensureSystemPrograms();
  if (!(await build())) return 1;

  const lab = podwall("lab", SHOP);
  if (lab !== 0 && lab !== NO_KERNEL) return lab;
  if (lab === NO_KERNEL) {
    const map = podwall("map", SHOP);
    if (map !== 0) return map;
  }

  const explained = podwall("explain", "shop/frontend", "shop/db:3306", SHOP);
  if (explained !== DENIED) {
    console.error(`podwall demo: explain ended with status ${explained}; ${DENIED} (denied) was expected`);
    return explained === 0 ? 1 : explained;
  }
  return lab;
}

function podwall(...args) {
  console.log(`\n$ podwall ${args.join(" ")}\n`);
  return run(process.execPath, ["dist/podwall.js", ...args]);
}

process.exitCode = await demo();
