import { existsSync } from "node:fs";
import { appliedObjects } from "../analysis/diff/applied-objects.ts";
import { buildSides, comparableSides, hasPods } from "../analysis/diff/object-sides.ts";
import type { Cluster } from "../cluster/cluster.ts";
import type { Finding } from "../k8s/finding.ts";
import { type ManifestSource, parseManifests } from "../k8s/manifests.ts";
import type { KubernetesObject } from "../k8s/objects.ts";
import { equalPriorityFindings } from "../policy/equal-priorities.ts";
import { GitError } from "../source/git-command.ts";
import { readGitFiles } from "../source/git-files.ts";
import { gitRange, gitRepository } from "../source/git-revision.ts";
import { STDIN } from "../source/list-files.ts";
import { type ManifestFiles, readManifestFiles } from "../source/read-manifest-files.ts";
import { reportSide } from "./diff-findings.ts";
import { podCidrOption } from "./input.ts";
import { type LiveInputOptions, liveOption, readLive } from "./live-input.ts";
import type { ReadSide } from "./read-side.ts";
import { readingProgress } from "./reading-progress.ts";
import { UsageError } from "./usage-error.ts";

export interface DiffInputOptions extends LiveInputOptions {
  readonly git?: string;
  readonly pods?: readonly string[];
  readonly prune?: boolean;
}

/** Two clusters to compare, and what they are called. */
export interface DiffInput {
  readonly before: Cluster;
  readonly after: Cluster;
  readonly names: { readonly before: string; readonly after: string };
  /** What was decided about the input, for people. */
  readonly notes: readonly string[];
  /** Pods that told no address were given one of each family, though nobody asked for that. */
  readonly bothFamilies: boolean;
}

interface ReadSides {
  readonly before: ReadSide;
  readonly after: ReadSide;
  readonly notes: readonly string[];
}

/** Reads both sides. Prints what is wrong with them, and throws a {@link UsageError} if there is no answer then. */
export async function loadDiffInput(paths: readonly string[], options: DiffInputOptions): Promise<DiffInput> {
  const read = await readSides(paths, options);
  const shared = options.pods === undefined ? undefined : readSide("--pods", await files(options.pods));
  const notes = [...read.notes];
  const sides = comparableSides(read.before.objects, read.after.objects, shared?.objects.filter(isNoPolicy));
  if (sides.borrowed !== undefined) {
    const [without, other] =
      sides.borrowed === "after" ? [read.after, read.before] : [read.before, read.after];
    notes.push(
      `${without.name} has no pods: its policies are compared over the pods, namespaces and nodes of ${other.name}`,
    );
  } else if (!hasPods(sides.after)) {
    notes.push(
      "there are no pods on either side, so nothing can be said of connections; name pods with --pods PATH, such as a file of: kubectl get pods,namespaces,nodes -A -o yaml",
    );
  }
  const built = buildSides(sides, { ...podCidrOption(options) });
  const findingsOf = (side: "before" | "after"): Finding[] => [
    ...read[side].findings,
    ...built.findings[side],
    ...equalPriorityFindings(built[side]),
  ];
  const [before, after] = [findingsOf("before"), findingsOf("after")];
  if (shared !== undefined) reportSide(shared, shared.findings, [], options);
  reportSide(read.before, before, after, options);
  reportSide(read.after, after, [], options);
  return {
    before: built.before,
    after: built.after,
    names: { before: read.before.name, after: read.after.name },
    notes,
    bothFamilies: options.podCidr === undefined && [sides.before, sides.after].some(hasUnaddressed),
  };
}

function hasUnaddressed(objects: readonly KubernetesObject[]): boolean {
  return objects.some((object) =>
    object.kind === "Pod" ? object.addresses.length === 0 && !object.hostNetwork : "template" in object,
  );
}

async function readSides(paths: readonly string[], options: DiffInputOptions): Promise<ReadSides> {
  const live = liveOption(options);
  if (options.git !== undefined && live !== undefined) {
    throw new UsageError(`--git compares revisions, ${live} a cluster with a folder: give one or the other`);
  }
  if (options.prune === true && live === undefined) {
    throw new UsageError("--prune is for a comparison with a cluster: give --context NAME too");
  }
  try {
    if (options.git !== undefined)
      return await readRevisions(options.git, paths.length === 0 ? ["."] : paths);
  } catch (error) {
    if (error instanceof GitError) throw new UsageError(error.message);
    throw error;
  }
  if (live !== undefined) return readCluster(live, paths, options);
  if (paths.length !== 2) {
    throw new UsageError(
      `podwall diff OLD NEW compares two files or folders, ${paths.length === 1 ? "1 was" : `${paths.length} were`} given; or give --git main..HEAD, or --context NAME and a folder`,
    );
  }
  const [before, after] = paths as [string, string];
  if (before === STDIN && after === STDIN) throw new UsageError("only one side can be the standard input");
  return {
    before: readSide(nameOfPath(before), await files([before])),
    after: readSide(nameOfPath(after), await files([after])),
    notes: [],
  };
}

function nameOfPath(path: string): string {
  return path === STDIN ? "the standard input" : path;
}

async function readRevisions(text: string, paths: readonly string[]): Promise<ReadSides> {
  const folder = process.cwd();
  const repository = await gitRepository(folder);
  const range = await gitRange(repository, text);
  const { before, after } = range;
  const old = await readGitFiles(repository, before, paths, (path) => `${before.name}:${path}`);
  const onDisk = paths.filter((path) => existsSync(path));
  const now =
    after === undefined
      ? { ...(await files(onDisk)), missing: paths.filter((path) => !onDisk.includes(path)) }
      : await readGitFiles(repository, after, paths, (path) => path);
  const nowName = after?.name ?? "the working tree";
  const nowhere = old.missing.filter((path) => now.missing.includes(path));
  if (nowhere.length > 0) {
    throw new UsageError(`${nowhere.join(", ")}: neither ${before.name} nor ${nowName} has it`);
  }
  const notes = [
    ...old.missing.map((path) => `${before.name} has no ${path}: everything in it is new`),
    ...now.missing.map((path) => `${nowName} has no ${path}: everything in it is gone`),
  ];
  return { before: readSide(before.name, old), after: readSide(nowName, now), notes };
}

async function readCluster(
  option: string,
  paths: readonly string[],
  options: DiffInputOptions,
): Promise<ReadSides> {
  if (paths.length === 0) {
    throw new UsageError(`${option} is compared with manifests: name the folder that is to be applied`);
  }
  const manifests = readSide(paths.map(nameOfPath).join(" "), await files(paths));
  const namespaces = manifests.objects.flatMap((object) => ("namespace" in object ? [object.namespace] : []));
  const live = await readLive(options, {
    namespaces: () => namespaces,
    isEnough: false,
    lack: "Connections from and to pods of other namespaces are missing.",
  });
  // A pod without an address takes no part; in the other state it would be taken for a pod that is to come.
  const objects = live.objects.filter((object) => object.kind !== "Pod" || object.addresses.length > 0);
  const applied = appliedObjects(objects, manifests.objects, options.prune);
  const name = `context ${live.context.name}`;
  const notes: string[] = [];
  if (applied.others > 0) {
    const policies = applied.others === 1 ? "1 policy" : `${applied.others} policies`;
    const verb =
      applied.others === 1 ? ["is", "stays as it is", "counts"] : ["are", "stay as they are", "count"];
    notes.push(
      `${policies} of the cluster ${verb[0]} not in ${manifests.name}, and ${
        options.prune === true
          ? `${verb[2]} as deleted (--prune)`
          : `${verb[1]} (with --prune ${verb[2]} as deleted)`
      }`,
    );
  }
  const skipped = new Map<string, number>();
  return {
    before: { name, objects, findings: live.findings, files: 0, skipped },
    after: { ...manifests, objects: applied.objects },
    notes,
  };
}

function readSide(name: string, { sources, findings }: ManifestFiles): ReadSide {
  const progress = readingProgress(process.stderr);
  const parsed = parseManifests(sources, ({ file, text }: ManifestSource, done) =>
    progress.show(file, done, text.length),
  );
  progress.clear();
  return {
    name,
    objects: parsed.objects,
    findings: [...findings, ...parsed.findings],
    files: sources.length,
    skipped: parsed.skipped,
  };
}

async function files(paths: readonly string[]): Promise<ManifestFiles> {
  return paths.length === 0 ? { sources: [], findings: [] } : readManifestFiles(paths);
}

function isNoPolicy(object: KubernetesObject): boolean {
  return !object.kind.endsWith("NetworkPolicy");
}
