import { existsSync } from "node:fs";
import { stat, writeFile } from "node:fs/promises";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { clusterEnds } from "../analysis/assertions/cluster-ends.ts";
import { firstAssertions } from "../analysis/assertions/first/first-assertions.ts";
import { DEFAULT_POD_CIDRS } from "../cluster/build.ts";
import { createEngine } from "../engine/engine.ts";
import { firstYaml } from "../report/first-yaml.ts";
import { isAssertionFile } from "../source/list-files.ts";
import { EXIT_OK } from "./exit-code.ts";
import { podCidrOption } from "./input.ts";
import { type LiveInputOptions, loadManifestsOrCluster } from "./live-input.ts";
import { isLive } from "./test-input.ts";
import { UsageError } from "./usage-error.ts";

/** A first file has a case or two for each workload. */
const MOST_WORKLOADS = 1000;

/** `podwall test --init`: a first file of assertions, in the folder of the manifests, or printed if there is not one. */
export async function initCommand(paths: readonly string[], options: LiveInputOptions): Promise<number> {
  const wrong = paths.find(isAssertionFile);
  if (wrong !== undefined) {
    throw new UsageError(
      `--init ${wrong}: name the manifests that a first file is to be about, not the file`,
    );
  }
  const live = isLive(options);
  const target = live ? undefined : await targetFor(paths.length === 0 ? ["."] : paths);
  if (target !== undefined && existsSync(target)) throw alreadyThere(target);
  const { cluster, names } = await loadManifestsOrCluster(paths, options, {
    namespaces: () => [],
    isEnough: false,
    lack: "What passes from and to other namespaces would be missing.",
  });
  const { length } = cluster.workloads;
  if (length > MOST_WORKLOADS) {
    throw new UsageError(
      `--init: there are ${length} workloads; a first file about all of them would be too long to read. Name the manifests of some namespaces`,
    );
  }
  const podCidrs = live ? [] : (podCidrOption(options).podCidrs ?? DEFAULT_POD_CIDRS);
  const ends = clusterEnds(cluster, { podCidrs, waitingPods: names.waitingPods });
  const { cases, mixed } = firstAssertions(createEngine(cluster), ends);
  if (cases.length === 0) {
    throw new UsageError("--init: there is nothing to assert, as no policy could decide about anything here");
  }
  const text = firstYaml(cases, target === undefined ? undefined : schemaFrom(dirname(target)));
  if (mixed > 0) {
    process.stderr.write(
      `podwall: ${mixed} ${mixed === 1 ? "pair is" : "pairs are"} told in part or not at all: their pods differ, or IPv4 and IPv6 do\n`,
    );
  }
  if (target === undefined) {
    process.stdout.write(text);
    return EXIT_OK;
  }
  await writeFile(target, text, { flag: "wx" }).catch((error: NodeJS.ErrnoException) => {
    throw error.code === "EEXIST" ? alreadyThere(target) : new UsageError(`${target}: ${error.message}`);
  });
  process.stdout.write(
    `${target}: ${cases.length} ${cases.length === 1 ? "case" : "cases"}; run them with podwall test${paths.map((path) => ` ${path}`).join("")}\n`,
  );
  return EXIT_OK;
}

function alreadyThere(target: string): UsageError {
  return new UsageError(`${target} is there already, and is not overwritten; move it away for a new one`);
}

/** The file to write: one folder has a place for it. */
async function targetFor(paths: readonly string[]): Promise<string | undefined> {
  const [path] = paths;
  if (path === undefined || paths.length > 1 || path === "-") return undefined;
  // What is wrong with a path is told by whoever reads it.
  const facts = await stat(path).catch(() => undefined);
  if (facts?.isDirectory() !== true) return undefined;
  return join(path, `${basename(resolve(path))}.podwall.yaml`);
}

/**
 * The way from a folder to the JSON Schema in this package, if both lie in the folder that the command runs in: any
 * other way would lead nowhere on the machine of somebody else.
 */
function schemaFrom(folder: string): string | undefined {
  // From dist/ as from src/cli/.
  const file = ["../schemas", "../../schemas"]
    .map((way) => fileURLToPath(new URL(`${way}/podwall.test.v1.schema.json`, import.meta.url)))
    .find((path) => existsSync(path));
  const isHere = (path: string): boolean => resolve(path, "x").startsWith(`${process.cwd()}${sep}`);
  if (file === undefined || !isHere(dirname(file)) || !isHere(folder)) return undefined;
  return relative(folder, file).split(sep).join("/");
}
