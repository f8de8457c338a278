import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describeUnless } from "../../src/lab/testing/harness.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const SCRIPT = "scripts/apiserver.mjs";

/** The folder with `kube-apiserver` and `etcd`; undefined if nobody has built them nor named one. */
export function apiServerFolder(): string | undefined {
  const found = spawnSync(process.execPath, [join(ROOT, SCRIPT), "--where"], { encoding: "utf8" });
  return found.status === 0 ? found.stdout.trim() : undefined;
}

/** The definition of a custom resource that the build has fetched; undefined with programs from elsewhere. */
export function definitionFile(folder: string, plural: string): string | undefined {
  const file = join(folder, "crds", `policy.networking.k8s.io_${plural}.yaml`);
  return existsSync(file) ? file : undefined;
}

/** Tests against a real API server; one skipped test that says why where there is none. */
export function describeApiServer(title: string, tests: () => void): void {
  const reason =
    apiServerFolder() === undefined
      ? `no API server has been built for the tests; node ${SCRIPT} builds it (some minutes, with Go)`
      : undefined;
  describeUnless(reason, title, tests);
}
