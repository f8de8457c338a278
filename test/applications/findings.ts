// What `podwall check` says of an application, beside what people say of it.
import { relative } from "node:path";
import { runChecks } from "../../src/analysis/check/run-checks.ts";
import type { BuildOptions } from "../../src/cluster/build.ts";
import { compareFindings, type Finding } from "../../src/k8s/finding.ts";
import { loadCluster } from "../../src/source/load-cluster.ts";
import { applicationFolder, type PlantedMistake } from "./application.ts";

/** All findings about some manifests, those of the reader included. */
export async function allFindings(folder: string, options: BuildOptions): Promise<Finding[]> {
  const loaded = await loadCluster([folder], options);
  const found = [...loaded.findings, ...runChecks({ ...loaded, everything: false })];
  return found.sort(compareFindings);
}

/** How far a finding may be from the line that people named: a peer from its selector, a rule from its list. */
const NEAR = 4;

/** True if the finding, or another place that it names, is where the mistake is. */
export function isAbout(name: string, { position, related = [] }: Finding, mistake: PlantedMistake): boolean {
  return [position, ...related.map((place) => place.position)].some(
    ({ file, line }) =>
      relative(applicationFolder(name), file) === mistake.file && Math.abs(line - mistake.line) <= NEAR,
  );
}
