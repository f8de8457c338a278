import { type CheckInput, runChecks } from "../analysis/check/run-checks.ts";
import { applySettings, type JudgedFindings } from "../analysis/check/settings/apply-settings.ts";
import { ignoreAnnotations } from "../analysis/check/settings/ignore-annotations.ts";
import { ignoreComments } from "../analysis/check/settings/ignore-comments.ts";
import type { CheckSettings } from "../analysis/check/settings/settings.ts";
import type { Finding, Severity } from "../k8s/finding.ts";
import type { ManifestSource } from "../k8s/manifests.ts";
import { DEFAULT_NAMESPACE } from "../k8s/metadata.ts";
import type { CheckReport } from "../report/check-text.ts";
import { STDIN } from "../source/list-files.ts";
import { clusterFromSources, type LoadedCluster } from "../source/load-cluster.ts";
import { type FixRound, fixLines, fixRound, proveSameVerdicts, whichFixes, writeFixed } from "./check-fix.ts";
import { type CheckOutput, renderCheck } from "./check-output.ts";
import { explainCode, listCodes } from "./check-pages.ts";
import { loadSettings } from "./check-settings.ts";
import { EXIT_NO, EXIT_OK } from "./exit-code.ts";
import { loadFindings, podCidrOption } from "./input.ts";
import { type LiveInputOptions, liveOption, readLive, refuseWithCluster } from "./live-input.ts";
import { styleFor } from "./terminal.ts";
import { UsageError } from "./usage-error.ts";

export interface CheckOptions extends LiveInputOptions {
  readonly output: CheckOutput;
  readonly failOn?: Severity | "never";
  /** The least severity that is told. */
  readonly severity: Severity;
  readonly config?: string;
  /** `safe`, `all`, or codes by comma. */
  readonly fix?: string;
  readonly dryRun?: boolean;
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
  const { loaded, judged } =
    options.fix === undefined
      ? await look(paths, options, settings)
      : await mend(paths, options, options.fix, settings);
  const { cluster } = loaded.input;
  const report: CheckReport = {
    findings: judged.findings.filter(({ severity }) => RANKS[severity] >= RANKS[options.severity]),
    ignored: judged.ignored,
    input: {
      files: loaded.sources.length,
      policies: cluster.networkPolicies.length + cluster.clusterPolicies.length,
      pods: cluster.pods.length,
    },
  };
  const failOn = options.failOn ?? settings.failOn ?? "warning";
  const fails = ({ severity }: Finding): boolean => failOn !== "never" && RANKS[severity] >= RANKS[failOn];
  process.stdout.write(renderCheck(report, loaded.sources, options.output, fails));
  return judged.findings.some(fails) ? EXIT_NO : EXIT_OK;
}

/** The input, and what is to be said of it. */
interface Look {
  readonly loaded: Loaded;
  readonly judged: JudgedFindings;
}

async function look(paths: readonly string[], options: CheckOptions, settings: CheckSettings): Promise<Look> {
  const loaded = await load(paths, options);
  return { loaded, judged: judge(loaded, settings) };
}

function judge({ input, findings, sources }: Loaded, settings: CheckSettings): JudgedFindings {
  return applySettings([...findings, ...runChecks(input)], {
    ...settings,
    ignores: [
      ...settings.ignores,
      ...ignoreAnnotations(input.cluster),
      // A text that stayed bytes is a dump: nobody writes comments there.
      ...sources.flatMap(({ file, text }) => (typeof text === "string" ? ignoreComments(file, text) : [])),
    ],
  });
}

/** Fixes that could not be made beside others are made in the next round. */
const MOST_ROUNDS = 20;

/** Mends the files until nothing more can be, and looks at what is left. */
async function mend(
  paths: readonly string[],
  options: CheckOptions,
  fix: string,
  settings: CheckSettings,
): Promise<Look> {
  const option = liveOption(options);
  if (option !== undefined || paths.includes(STDIN)) {
    throw new UsageError(`--fix mends files; it cannot mend ${option ?? "the standard input"}`);
  }
  const which = whichFixes(fix);
  const rounds: FixRound[] = [];
  let current = await look(paths, options, settings);
  while (rounds.length < MOST_ROUNDS) {
    const round = fixRound(current.judged.findings, which);
    rounds.push(round);
    if (round.files.length === 0 || options.dryRun === true) break;
    const texts = new Map(round.files.map(({ file, text }) => [file, text]));
    const after = loadedOf(withTexts(current.loaded.whole!, texts, options));
    if (which === "safe") proveSameVerdicts(current.loaded.whole!, after.whole!);
    writeFixed(round.files);
    current = { loaded: after, judged: judge(after, settings) };
  }
  const lines = fixLines(rounds, options.dryRun !== true);
  process.stderr.write(lines.map((line) => `podwall: ${line}\n`).join("") || "podwall: nothing to mend\n");
  return current;
}

interface Loaded {
  readonly input: CheckInput;
  /** What was found while reading. */
  readonly findings: readonly Finding[];
  readonly sources: readonly ManifestSource[];
  /** Manifests as they were loaded; undefined for a running cluster. */
  readonly whole?: LoadedCluster;
}

async function load(paths: readonly string[], options: CheckOptions): Promise<Loaded> {
  const option = liveOption(options);
  if (option === undefined) return loadedOf(await loadFindings(paths, options));
  refuseWithCluster(option, paths, options);
  const { cluster, declaredNamespaces, findings } = await readLive(options, {
    // Of those who may read one namespace alone, their context says which. Others lack rights for the whole cluster.
    namespaces: (own) => (own === DEFAULT_NAMESPACE ? [] : [own]),
    isEnough: false,
    lack: "What policies select in other namespaces is not known.",
  });
  const everything = !findings.some(({ code }) => code === "only-some-namespaces" || code === "forbidden");
  return { input: { cluster, declaredNamespaces, everything }, findings, sources: [] };
}

function loadedOf(whole: LoadedCluster): Loaded {
  const { cluster, declaredNamespaces, findings, sources } = whole;
  return { input: { cluster, declaredNamespaces, everything: false }, findings, sources, whole };
}

/** The input with other texts in the place of some files, and files that are new. */
function withTexts(
  { sources }: LoadedCluster,
  texts: ReadonlyMap<string, string>,
  options: CheckOptions,
): LoadedCluster {
  const known = new Set(sources.map(({ file }) => file));
  const added = [...texts].filter(([file]) => !known.has(file)).map(([file, text]) => ({ file, text }));
  const changed = sources.map((source) => ({ ...source, text: texts.get(source.file) ?? source.text }));
  return clusterFromSources([...changed, ...added], podCidrOption(options));
}
