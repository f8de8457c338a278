// The part of `podwall test --lab` that runs inside the sandbox, as process 1 of namespaces of its own.

import { DEFAULT_POD_CIDRS } from "../cluster/build.ts";
import { measuredCase, planCases } from "../lab/case-probes.ts";
import { type MeasuredProbe, openLab } from "../lab/lab.ts";
import { labNodes, type PlannedProbe } from "../lab/plan.ts";
import { runInSandbox } from "../lab/sandbox-inner.ts";
import { TopologyError } from "../lab/topology.ts";
import type { TestedCase } from "../report/test-report.ts";
import { podCidrOption } from "./input.ts";
import { progressBar } from "./terminal.ts";
import { judgedCases, printReport, reportOf, type TestOptions } from "./test.ts";
import { loadTestRuns, type TestRun } from "./test-input.ts";
import { reportFailure, UsageError } from "./usage-error.ts";

const { paths, options } = JSON.parse(process.argv[2]!) as { paths: string[]; options: TestOptions };

await runInSandbox(async () => {
  try {
    const runs = await loadTestRuns(paths, options, { defaultNodes: labNodes(1) });
    const tested: { readonly run: TestRun; readonly cases: TestedCase[][] }[] = [];
    for (const run of runs) tested.push({ run, cases: await measuredCases(run) });
    return printReport(reportOf(tested, options), options);
  } catch (error) {
    return reportFailure(error);
  }
});

/** Judges the cases of a run, builds its cluster, and sends the packets that the cases speak of. */
async function measuredCases(run: TestRun): Promise<TestedCase[][]> {
  const { engine } = run;
  const cases = judgedCases(run);
  const judged = cases.flat().flatMap(({ result }) => (result.outcome === "error" ? [] : [result]));
  const plan = planCases(engine, judged);
  const lab = await openLab(engine, plan.externals, {
    podRanges: podCidrOption(options).podCidrs ?? DEFAULT_POD_CIDRS,
  }).catch((error: unknown) => {
    throw error instanceof TopologyError
      ? new UsageError(`the lab cannot be built: ${error.message}`)
      : error;
  });
  try {
    const probes = plan.cases.flatMap((each): readonly PlannedProbe[] => each.probes);
    const bar = progressBar(process.stderr, (total) => `sending ${total} packets`);
    const measured = await lab.send(probes, (done, total) => bar.show(done, total));
    bar.clear();
    const byResult = new Map(
      judged.map((result, i) => [
        result,
        measuredCase(result, plan.cases[i]!, next(measured, plan.cases[i]!.probes)),
      ]),
    );
    return cases.map((ofFile) =>
      ofFile.map(({ result }): TestedCase => {
        const found = result.outcome === "error" ? undefined : byResult.get(result);
        return found === undefined ? { result } : { result, measured: found };
      }),
    );
  } finally {
    await lab.close();
  }
}

/** Takes the results of some probes from the front of all that are left. */
function next(measured: MeasuredProbe[], probes: readonly PlannedProbe[]): MeasuredProbe[] {
  return measured.splice(0, probes.length);
}
