import { type BuildOptions, buildCluster } from "../cluster/build.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { type DeclaredNamespaces, declaredNamespacesOf } from "../cluster/declared-namespaces.ts";
import type { Finding } from "../k8s/finding.ts";
import { type ManifestSource, type OnSourceProgress, parseManifests } from "../k8s/manifests.ts";
import { equalPriorityFindings } from "../policy/equal-priorities.ts";
import { readManifestFiles } from "./read-manifest-files.ts";

/** A cluster from manifests, with all that is wrong or doubtful about them. */
export interface LoadedCluster {
  readonly cluster: Cluster;
  readonly findings: readonly Finding[];
  /** Objects of kinds that policies do not depend on, by kind. */
  readonly skipped: ReadonlyMap<string, number>;
  readonly sources: readonly ManifestSource[];
  /** The namespaces for which there is a Namespace object. */
  readonly declaredNamespaces: DeclaredNamespaces;
}

/** Reads files, folders or `-` into a cluster. Never throws for what is wrong with the input: see `findings`. */
export async function loadCluster(paths: readonly string[], options: BuildOptions): Promise<LoadedCluster> {
  const files = await readManifestFiles(paths);
  return clusterFromSources(files.sources, options, files.findings);
}

/** As {@link loadCluster}, for texts that were read already. */
export function clusterFromSources(
  sources: readonly ManifestSource[],
  options: BuildOptions,
  earlier: readonly Finding[] = [],
  onProgress?: OnSourceProgress,
): LoadedCluster {
  const parsed = parseManifests(sources, onProgress);
  const built = buildCluster(parsed.objects, options);
  return {
    cluster: built.cluster,
    findings: [...earlier, ...parsed.findings, ...built.findings, ...equalPriorityFindings(built.cluster)],
    skipped: parsed.skipped,
    sources,
    declaredNamespaces: declaredNamespacesOf(parsed.objects),
  };
}
