import { dirname, join } from "node:path";
import type { AssertionFile } from "../analysis/assertions/assertion.ts";
import { type ClusterEnds, clusterEnds } from "../analysis/assertions/cluster-ends.ts";
import { readAssertions } from "../analysis/assertions/read-assertions.ts";
import { type BuildOptions, DEFAULT_POD_CIDRS } from "../cluster/build.ts";
import { createEngine, type Engine } from "../engine/engine.ts";
import { compareFindings, type Finding } from "../k8s/finding.ts";
import { findingsText } from "../report/findings-text.ts";
import { isAssertionFile, listFiles } from "../source/list-files.ts";
import { readManifestFiles } from "../source/read-manifest-files.ts";
import { loadInput, podCidrOption } from "./input.ts";
import { type LiveInputOptions, loadManifestsOrCluster } from "./live-input.ts";
import { styleFor } from "./terminal.ts";
import { BadInput, UsageError } from "./usage-error.ts";

/** Files of assertions that are about one cluster. */
export interface TestRun {
  readonly engine: Engine;
  readonly ends: ClusterEnds;
  readonly files: readonly AssertionFile[];
}

/** Reads the assertions at some paths, and the manifests or the cluster that they are about. */
export async function loadTestRuns(
  paths: readonly string[],
  options: LiveInputOptions,
  build: BuildOptions = {},
): Promise<TestRun[]> {
  const files = await loadAssertions(paths);
  if (isLive(options)) return [await loadLiveRun(files, options)];
  const manifests = await withManifests(paths.filter((path) => !isAssertionFile(path)));
  const groups = new Map<string, { readonly paths: readonly string[]; readonly files: AssertionFile[] }>();
  for (const file of files) {
    const about = manifestsOf(file, manifests);
    const key = JSON.stringify(about);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { paths: about, files: [file] });
    else group.files.push(file);
  }
  const runs: TestRun[] = [];
  for (const group of groups.values())
    runs.push(await loadManifestRun(group.paths, group.files, options, build));
  return runs;
}

/** The paths without folders that hold assertions alone; all of them if that is all there is. */
async function withManifests(paths: readonly string[]): Promise<readonly string[]> {
  const kept: string[] = [];
  for (const path of paths) {
    const { files, findings } = await listFiles([path]);
    if (files.length > 0 || findings.some(({ code }) => code !== "empty-directory")) kept.push(path);
  }
  return kept.length > 0 ? kept : paths;
}

/** True if the cases are about a running cluster. */
export function isLive({ context, kubeconfig, live }: LiveInputOptions): boolean {
  return context !== undefined || kubeconfig !== undefined || live === true;
}

/** The assertions at some paths. Throws if there are none, or one has an error: what is not understood must not pass. */
async function loadAssertions(paths: readonly string[]): Promise<AssertionFile[]> {
  const read = await readManifestFiles(paths, { kind: "assertions" });
  const parsed = read.sources.map(({ file, text }) => readAssertions(file, text));
  const findings: Finding[] = [...read.findings, ...parsed.flatMap((each) => each.findings)];
  findings.sort(compareFindings);
  if (findings.length > 0) process.stderr.write(`${findingsText(findings, styleFor(process.stderr))}\n`);
  const errors = findings.filter(({ severity }) => severity === "error").length;
  if (errors > 0) {
    throw new BadInput(
      `${errors} ${errors === 1 ? "error" : "errors"} in the assertions; nothing was tested`,
    );
  }
  if (parsed.length === 0) {
    throw new UsageError(
      `${paths.join(" ")}: there is no *.podwall.yaml, so there is nothing to test; podwall test --init writes a first one`,
    );
  }
  return parsed.map(({ assertions }) => assertions);
}

/** What the cases of a file are about: what it says itself, else what was named beside it, else its folder. */
function manifestsOf({ file, manifests }: AssertionFile, named: readonly string[]): readonly string[] {
  if (manifests !== undefined) return manifests.map((path) => join(dirname(file), path));
  return named.length > 0 ? named : [dirname(file)];
}

async function loadManifestRun(
  paths: readonly string[],
  files: readonly AssertionFile[],
  options: LiveInputOptions,
  build: BuildOptions,
): Promise<TestRun> {
  const { cluster } = await loadInput(paths, options, build);
  const podCidrs = podCidrOption(options).podCidrs ?? DEFAULT_POD_CIDRS;
  return { engine: createEngine(cluster), ends: clusterEnds(cluster, { podCidrs }), files };
}

async function loadLiveRun(files: readonly AssertionFile[], options: LiveInputOptions): Promise<TestRun> {
  const { cluster, names } = await loadManifestsOrCluster([], options, {
    namespaces: () => [...new Set(files.flatMap(namespacesOf))],
    isEnough: false,
    lack: "A case may be about pods of another namespace, and then it cannot be judged.",
  });
  const ends = clusterEnds(cluster, { waitingPods: names.waitingPods });
  return { engine: createEngine(cluster), ends, files };
}

/** The namespaces that the cases of a file name. */
function namespacesOf({ assertions }: AssertionFile): string[] {
  return assertions.flatMap(({ from, to }) =>
    [...from, ...to]
      .flatMap((end) => [end, ...end.except])
      .flatMap((end) => {
        if (end.kind === "name") return [end.name.slice(0, end.name.indexOf("/"))];
        return end.kind === "pods" && typeof end.namespace === "string" ? [end.namespace] : [];
      }),
  );
}
