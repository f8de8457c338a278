import { type CheckInput, runChecks } from "../analysis/check/run-checks.ts";
import { applySettings } from "../analysis/check/settings/apply-settings.ts";
import { ignoreAnnotations } from "../analysis/check/settings/ignore-annotations.ts";
import { ignoreComments } from "../analysis/check/settings/ignore-comments.ts";
import type { Finding, Severity } from "../k8s/finding.ts";
import type { ManifestSource } from "../k8s/manifests.ts";
import type { CheckReport } from "../report/check-text.ts";
import { sourceLines } from "../report/source-lines.ts";
import { type CheckOutput, renderCheck } from "./check-output.ts";
import { explainCode, listCodes } from "./check-pages.ts";
import { loadSettings } from "./check-settings.ts";
import { EXIT_NO, EXIT_OK } from "./exit-code.ts";
import { loadFindings } from "./input.ts";
import { type LiveInputOptions, liveOption, readLive, refuseWithCluster } from "./live-input.ts";
import { styleFor } from "./terminal.ts";

export interface CheckOptions extends LiveInputOptions {
  readonly output: CheckOutput;
  readonly failOn?: Severity | "never";
  /** The least severity that is told. */
  readonly severity: Severity;
  readonly config?: string;
  /** True without a code. */
  readonly explain?: string | true;
}

const RANKS: Readonly<Record<Severity, number>> = { info: 0, warning: 1, error: 2 };

/** `podwall check`: what is wrong with manifests, and what probably is not as it was meant. */
export async function checkCommand(paths: readonly string[], options: CheckOptions): Promise<number> {
  if (options.explain !== undefined) {
    const text =
      options.explain === true ? listCodes(styleFor(process.stdout)) : explainCode(options.explain);
    process.stdout.write(text);
    return EXIT_OK;
  }
  const settings = loadSettings(options.config);
  const loaded = await load(paths, options);
  const { cluster } = loaded.input;
  const judged = applySettings([...loaded.findings, ...runChecks(loaded.input)], {
    ...settings,
    ignores: [
      ...settings.ignores,
      ...ignoreAnnotations(cluster),
      // A text that stayed bytes is a dump: nobody writes comments there.
      ...loaded.sources.flatMap(({ file, text }) =>
        typeof text === "string" ? ignoreComments(file, text) : [],
      ),
    ],
  });
  const report: CheckReport = {
    findings: judged.findings.filter(({ severity }) => RANKS[severity] >= RANKS[options.severity]),
    ignored: judged.ignored,
    input: {
      files: loaded.sources.length,
      policies: cluster.networkPolicies.length + cluster.clusterPolicies.length,
      pods: cluster.pods.length,
    },
  };
  process.stdout.write(renderCheck(report, sourceLines(loaded.sources), options.output));
  const failOn = options.failOn ?? settings.failOn ?? "warning";
  if (failOn === "never") return EXIT_OK;
  return judged.findings.some(({ severity }) => RANKS[severity] >= RANKS[failOn]) ? EXIT_NO : EXIT_OK;
}

interface Loaded {
  readonly input: CheckInput;
  /** What was found while reading. */
  readonly findings: readonly Finding[];
  readonly sources: readonly ManifestSource[];
}

async function load(paths: readonly string[], options: CheckOptions): Promise<Loaded> {
  const option = liveOption(options);
  if (option === undefined) {
    const { cluster, declaredNamespaces, findings, sources } = await loadFindings(paths, options);
    return { input: { cluster, declaredNamespaces, everything: false }, findings, sources };
  }
  refuseWithCluster(option, paths, options);
  const { cluster, declaredNamespaces, findings } = await readLive(options, {
    namespaces: () => [],
    isEnough: false,
    lack: "What policies select in other namespaces is not known.",
  });
  const everything = !findings.some(({ code }) => code === "only-some-namespaces" || code === "forbidden");
  return { input: { cluster, declaredNamespaces, everything }, findings, sources: [] };
}
