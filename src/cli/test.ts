import { coverageOf } from "../analysis/assertions/coverage.ts";
import { runAssertions } from "../analysis/assertions/run-assertions.ts";
import { testJson } from "../report/test-json.ts";
import { testJunit } from "../report/test-junit.ts";
import { type TestedCase, type TestReport, totalsOf } from "../report/test-report.ts";
import { testText } from "../report/test-text.ts";
import { EXIT_BAD_INPUT, EXIT_NO, EXIT_OK } from "./exit-code.ts";
import type { LiveInputOptions } from "./live-input.ts";
import { styleFor } from "./terminal.ts";
import { isLive, loadTestRuns, type TestRun } from "./test-input.ts";
import { UsageError } from "./usage-error.ts";

export interface TestOptions extends LiveInputOptions {
  readonly output: "text" | "json" | "junit";
  readonly coverage?: boolean;
  readonly init?: boolean;
  readonly lab?: boolean;
}

/** `podwall test`: do the assertions beside the manifests hold? */
export async function testCommand(given: readonly string[], options: TestOptions): Promise<number> {
  const paths = given.length === 0 ? ["."] : given;
  if (options.init === true) {
    for (const option of ["lab", "coverage"] as const) {
      if (options[option] === true) throw new UsageError(`--init only writes a file; leave --${option} out`);
    }
    const { initCommand } = await import("./test-init.ts");
    return initCommand(given, options);
  }
  if (options.lab === true) {
    if (isLive(options)) {
      throw new UsageError(
        "--lab builds the pods of manifests on this machine; it cannot have those of a cluster",
      );
    }
    const { testInLab } = await import("./test-lab.ts");
    return testInLab(paths, options);
  }
  const runs = await loadTestRuns(paths, options);
  return printReport(
    reportOf(
      runs.map((run) => ({ run, cases: judgedCases(run) })),
      options,
    ),
    options,
  );
}

/** The cases of each file of a run, as the engine judges them. */
export function judgedCases({ engine, ends, files }: TestRun): TestedCase[][] {
  return files.map((file) => runAssertions(engine, ends, file).cases.map((result) => ({ result })));
}

/** Puts together what is to be told of runs and the cases of their files. */
export function reportOf(
  tested: readonly { readonly run: TestRun; readonly cases: readonly TestedCase[][] }[],
  { coverage }: TestOptions,
): TestReport {
  return {
    files: tested.flatMap(({ run: { engine, files }, cases }) =>
      files.map(({ file }, i) => ({ file, cluster: engine.cluster, cases: cases[i]! })),
    ),
    ...(coverage === true
      ? {
          coverage: tested.map(({ run: { engine, ends }, cases }) =>
            coverageOf(
              engine,
              ends,
              cases.flat().map(({ result }) => result),
            ),
          ),
        }
      : {}),
  };
}

/**
 * Prints a report, and gives the exit code. A case that cannot be judged is wrong input, and weighs more than one that
 * fails: its answer is not known.
 */
export function printReport(report: TestReport, { output }: TestOptions): number {
  process.stdout.write(render(report, output));
  const { failed, errors } = totalsOf(report);
  if (errors > 0) return EXIT_BAD_INPUT;
  return failed > 0 ? EXIT_NO : EXIT_OK;
}

function render(report: TestReport, output: TestOptions["output"]): string {
  switch (output) {
    case "json":
      return `${JSON.stringify(testJson(report), undefined, 2)}\n`;
    case "junit":
      return testJunit(report);
    case "text":
      return testText(report, styleFor(process.stdout));
  }
}
