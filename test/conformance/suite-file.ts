import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** Where the suite lies from the repository, or from a folder that holds it. */
const FOLDER = join("shared", "conformance");
const FILE = "clusternetworkpolicy-v1alpha2.json";
const PARENTS = 4;

/** The root of the repository. */
const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

export type SuiteFile = { path: string } | { missing: string };

/**
 * Finds the conformance suite, which is not part of the repository: in the folder of PODWALL_CONFORMANCE (from the
 * root of the repository), else in `../shared/conformance` or that of a parent further up.
 * @throws Error when PODWALL_CONFORMANCE names a folder without it, as whoever set it wants it to run.
 */
export function findSuiteFile(
  root: string = ROOT,
  chosen: string | undefined = process.env.PODWALL_CONFORMANCE,
): SuiteFile {
  if (chosen !== undefined && chosen !== "") {
    const path = resolve(root, chosen, FILE);
    if (!existsSync(path)) {
      throw new Error(`PODWALL_CONFORMANCE is ${chosen}, but there is no file ${path}`);
    }
    return { path };
  }
  for (let parent = dirname(root), left = PARENTS; left > 0; parent = dirname(parent), left--) {
    const path = join(parent, FOLDER, FILE);
    if (existsSync(path)) {
      return { path };
    }
  }
  return {
    missing: `there is no ${join("..", FOLDER, FILE)}; PODWALL_CONFORMANCE can name the folder it is in`,
  };
}
