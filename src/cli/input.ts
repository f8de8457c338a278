import type { BuildOptions } from "../cluster/build.ts";
import { type Cidr, parseCidr } from "../net/cidr.ts";
import { findingsText } from "../report/findings-text.ts";
import { STDIN } from "../source/list-files.ts";
import { clusterFromSources, type LoadedCluster } from "../source/load-cluster.ts";
import { readManifestFiles } from "../source/read-manifest-files.ts";
import { readingProgress } from "./reading-progress.ts";
import { styleFor } from "./terminal.ts";
import { BadInput, UsageError } from "./usage-error.ts";

/** The options of every command that reads manifests. */
export interface InputOptions {
  readonly podCidr?: readonly string[];
  readonly keepGoing?: boolean;
}

/** Findings about files of which nothing was read. */
const UNREAD: ReadonlySet<string> = new Set([
  "path-not-found",
  "no-permission",
  "unreadable-file",
  "too-large",
  "empty-directory",
]);

/** Findings that leave nothing to close: going on would show a policy's pods as open. */
export const NEVER_GO_ON: ReadonlySet<string> = new Set([
  "policy-unreadable",
  "not-text",
  "path-not-found",
  "no-permission",
  "unreadable-file",
  "too-large",
]);

/**
 * Loads the manifests and prints what is wrong with them to stderr. Throws {@link BadInput} if there are errors,
 * unless `--keep-going` is given and every broken policy can be closed.
 */
export async function loadInput(
  paths: readonly string[],
  options: InputOptions,
  build: BuildOptions = {},
): Promise<LoadedCluster> {
  const loaded = await readInput(paths, options, build);
  reportFindings(loaded, options);
  return loaded;
}

/**
 * Loads manifests for a command that is about their findings, and leaves these to it. Throws a {@link BadInput} where
 * files cannot be read at all, and a {@link UsageError} where there is nothing in them.
 */
export async function loadFindings(paths: readonly string[], options: InputOptions): Promise<LoadedCluster> {
  const loaded = await readInput(paths, options, {});
  const unread = loaded.findings.filter(({ code }) => UNREAD.has(code));
  if (unread.length > 0) {
    process.stderr.write(`${findingsText(unread, styleFor(process.stderr))}\n`);
    throw new BadInput("some of the input could not be read; nothing was evaluated");
  }
  if (loaded.findings.length === 0) refuseNothing(loaded);
  return loaded;
}

async function readInput(
  paths: readonly string[],
  options: InputOptions,
  build: BuildOptions,
): Promise<LoadedCluster> {
  const progress = readingProgress(process.stderr);
  const files = await readManifestFiles(paths.length === 0 ? ["."] : paths, {
    onStdin: (bytes) => progress.show(STDIN, bytes),
  });
  const loaded = clusterFromSources(
    files.sources,
    { ...build, ...podCidrOption(options) },
    files.findings,
    ({ file, text }, done) => progress.show(file, done, text.length),
  );
  progress.clear();
  return loaded;
}

/** Prints findings and the kinds that were skipped, and refuses the input if it has errors. */
export function reportFindings(loaded: LoadedCluster, options: InputOptions): void {
  const style = styleFor(process.stderr);
  const { findings, skipped } = loaded;
  if (findings.length > 0) process.stderr.write(`${findingsText(findings, style)}\n`);
  if (skipped.size > 0) {
    const kinds = [...skipped].map(([kind, count]) => (count === 1 ? kind : `${count} ${kind}`)).join(", ");
    process.stderr.write(style.dim(`skipped, as no policy depends on them: ${kinds}\n`));
  }
  const errors = findings.filter((finding) => finding.severity === "error");
  if (errors.length === 0) {
    refuseNothing(loaded);
    return;
  }
  const files = new Set(errors.map((finding) => finding.position.file)).size;
  const count = `${errors.length} ${errors.length === 1 ? "error" : "errors"} in ${files} of ${Math.max(files, loaded.sources.length)} ${loaded.sources.length > 1 ? "files" : "file"}`;
  const fatal = errors.find((finding) => NEVER_GO_ON.has(finding.code));
  // Do not offer a way out that is none.
  if (options.keepGoing !== true && fatal !== undefined)
    throw new BadInput(`${count}; nothing was evaluated`);
  if (options.keepGoing !== true) {
    throw new BadInput(
      `${count}; nothing was evaluated (use --keep-going to treat the pods of broken policies as closed)`,
    );
  }
  if (fatal !== undefined) {
    throw new BadInput(
      `${count}; --keep-going cannot help: ${fatal.code} leaves unknown which pods to close`,
    );
  }
  const { networkPolicies, clusterPolicies } = loaded.cluster;
  const broken = [...networkPolicies, ...clusterPolicies].filter((policy) => policy.broken);
  const names = broken
    .map((policy) => ("namespace" in policy ? `${policy.namespace}/${policy.name}` : policy.name))
    .join(", ");
  process.stderr.write(
    broken.length === 0
      ? `podwall: ${count}; going on without the objects in error\n`
      : `podwall: ${count}; going on: the pods selected by ${names} count as closed\n`,
  );
}

/** An empty input is a mistake somewhere before: a map of nothing would hide it. */
function refuseNothing({ cluster, skipped, sources }: LoadedCluster): void {
  if (cluster.pods.length > 0) return;
  const objects =
    cluster.networkPolicies.length +
    cluster.clusterPolicies.length +
    cluster.namespaces.size +
    cluster.nodes.size +
    (cluster.published === undefined ? 0 : 1) +
    skipped.size;
  if (objects === 0 && cluster.finishedPods.length === 0) {
    const names = sources
      .map((source) => (source.file === "-" ? "the standard input" : source.file))
      .join(", ");
    throw new UsageError(`${names}: no Kubernetes object in it; did the command before the pipe fail?`);
  }
  process.stderr.write(
    "podwall: there are no pods in the input, so nothing can be said of their connections\n",
  );
}

/** The options that `--pod-cidr` sets: one block, or one a family. */
export function podCidrOption(options: InputOptions): BuildOptions {
  if (options.podCidr === undefined) return {};
  const blocks: Cidr[] = [];
  for (const text of options.podCidr.flatMap((value) => value.split(","))) {
    const parsed = parseCidr(text.trim());
    if (parsed === undefined) {
      throw new UsageError(
        `--pod-cidr ${text}: not a block of addresses such as 10.244.0.0/16 or fd00:10:244::/56`,
      );
    }
    if (blocks.some((block) => block.family === parsed.cidr.family)) {
      throw new UsageError(
        `--pod-cidr ${text}: a second IPv${parsed.cidr.family} block; give one a family at most`,
      );
    }
    blocks.push(parsed.cidr);
  }
  return { podCidrs: blocks };
}
