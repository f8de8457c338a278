import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describeUnless } from "../../src/lab/testing/harness.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const SCRIPT = "scripts/apiserver.mjs";

type Found = { readonly folder: string } | { readonly reason: string };

/** Where `kube-apiserver` and `etcd` are, or why there are none. */
export function findApiServer(): Found {
  const found = spawnSync(process.execPath, [join(ROOT, SCRIPT), "--where"], { encoding: "utf8" });
  if (found.status === 0) return { folder: found.stdout.trim() };
  return { reason: found.stderr.trim().replace(/^podwall: /, "") };
}

/** The definition of a custom resource that the build has fetched; undefined with programs from elsewhere. */
export function definitionFile(folder: string, plural: string): string | undefined {
  const file = join(folder, "crds", `policy.networking.k8s.io_${plural}.yaml`);
  return existsSync(file) ? file : undefined;
}

/** Tests against a real API server; one skipped test that says why where there is none. */
export function describeApiServer(title: string, tests: () => void): void {
  const found = findApiServer();
  const advice = `node ${SCRIPT} builds one (some minutes, with Go)`;
  describeUnless("reason" in found ? `${found.reason}; ${advice}` : undefined, title, tests);
}
