import { runAssertions } from "../analysis/assertions/run-assertions.ts";
import { type TestedFile, type TestReport, totalsOf } from "../report/test-report.ts";
import { testText } from "../report/test-text.ts";
import { EXIT_BAD_INPUT, EXIT_NO, EXIT_OK } from "./exit-code.ts";
import type { LiveInputOptions } from "./live-input.ts";
import { styleFor } from "./terminal.ts";
import { loadTestRuns, type TestRun } from "./test-input.ts";

export interface TestOptions extends LiveInputOptions {
  readonly output: "text" | "json" | "junit";
  readonly coverage?: boolean;
  readonly init?: boolean;
}

/** `podwall test`: do the assertions beside the manifests hold? */
export async function testCommand(paths: readonly string[], options: TestOptions): Promise<number> {
  if (options.init === true) {
    const { initCommand } = await import("./test-init.ts");
    return initCommand(paths, options);
  }
  const runs = await loadTestRuns(paths.length === 0 ? ["."] : paths, options);
  const report: TestReport = { files: runs.flatMap(testedFiles) };
  process.stdout.write(testText(report, styleFor(process.stdout)));
  return exitCodeOf(report);
}

function testedFiles({ engine, ends, files }: TestRun): TestedFile[] {
  return files.map((file) => ({
    file: file.file,
    cluster: engine.cluster,
    cases: runAssertions(engine, ends, file).cases.map((result) => ({ result })),
  }));
}

/** A case that cannot be judged is wrong input, and weighs more than one that fails: its answer is not known. */
export function exitCodeOf(report: TestReport): number {
  const { failed, errors } = totalsOf(report);
  if (errors > 0) return EXIT_BAD_INPUT;
  return failed > 0 ? EXIT_NO : EXIT_OK;
}
