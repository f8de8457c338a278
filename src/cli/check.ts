import { runChecks } from "../analysis/check/run-checks.ts";
import type { Finding, Severity } from "../k8s/finding.ts";
import { findingsText } from "../report/findings-text.ts";
import { STDIN } from "../source/list-files.ts";
import { clusterFromSources } from "../source/load-cluster.ts";
import { readManifestFiles } from "../source/read-manifest-files.ts";
import { EXIT_NO, EXIT_OK } from "./exit-code.ts";
import { type InputOptions, podCidrOption } from "./input.ts";
import { readingProgress } from "./reading-progress.ts";
import { styleFor } from "./terminal.ts";

export interface CheckOptions extends InputOptions {
  readonly output: "text";
  readonly failOn: Severity | "never";
}

const RANKS: Readonly<Record<Severity, number>> = { info: 0, warning: 1, error: 2 };

/** `podwall check`: what is wrong with manifests, and what probably is not as it was meant. */
export async function checkCommand(paths: readonly string[], options: CheckOptions): Promise<number> {
  const progress = readingProgress(process.stderr);
  const files = await readManifestFiles(paths.length === 0 ? ["."] : paths, {
    onStdin: (bytes) => progress.show(STDIN, bytes),
  });
  const loaded = clusterFromSources(
    files.sources,
    podCidrOption(options),
    files.findings,
    ({ file, text }, done) => progress.show(file, done, text.length),
  );
  progress.clear();
  const findings: Finding[] = [...loaded.findings, ...runChecks({ ...loaded, everything: false })];
  if (findings.length > 0) process.stdout.write(`${findingsText(findings, styleFor(process.stdout))}\n`);
  const { failOn } = options;
  if (failOn === "never") return EXIT_OK;
  return findings.some(({ severity }) => RANKS[severity] >= RANKS[failOn]) ? EXIT_NO : EXIT_OK;
}
