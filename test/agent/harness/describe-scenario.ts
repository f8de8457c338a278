import { fileURLToPath } from "node:url";
import { beforeAll, describe, it } from "vitest";
import { type Sandbox, startSandbox } from "../../../src/lab/sandbox.ts";
import { describeUnless } from "../../../src/lab/testing/harness.ts";
import { CASE_MILLIS, type CaseReport, type Scenario } from "./scenario.ts";
import { skipReason } from "./skip-reason.ts";

/** Until the network, the API server and the agents run. */
const START_MILLIS = 180_000;

/**
 * A suite with a test for each case of a scenario, the default export of a module. All of it runs in one sandbox: network,
 * API server, agents and what watches them. One skipped test that says why where that cannot be had.
 */
export function describeScenario(title: string, module: URL): void {
  const reason = skipReason();
  if (reason !== undefined) {
    describeUnless(reason, title, () => undefined);
    return;
  }
  describe(title, async () => {
    // Only here: the module asks for the kernel.
    const { default: scenario } = (await import(module.href)) as { default: Scenario<unknown> };
    let run: ScenarioRun;
    beforeAll(async () => {
      run = startScenario(module);
      await run.report(undefined);
      return () => run.end();
    }, START_MILLIS);
    for (const name of Object.keys(scenario.cases)) {
      it(name, async () => printNotes(await run.report(name)), CASE_MILLIS + 30_000);
    }
  });
}

function printNotes({ notes }: CaseReport): void {
  for (const note of notes) console.log(note);
}

interface ScenarioRun {
  /** What became of a case; throws if it failed, or if the process ended before it. */
  report(name: string | undefined): Promise<CaseReport>;
  end(): Promise<void>;
}

function startScenario(module: URL): ScenarioRun {
  const reports = new Map<string | undefined, CaseReport>();
  let wake: () => void = () => undefined;
  let ended: string | undefined;
  const sandbox: Sandbox = startSandbox({
    script: fileURLToPath(new URL("./scenario-script.ts", import.meta.url)),
    args: [module.href],
    execArgv: ["--import", "tsx"],
    stdio: "pipe",
    onMessage(message) {
      const report = message as CaseReport;
      reports.set(report.case, report);
      wake();
    },
  });
  sandbox.process.stdin!.end();
  let output = "";
  for (const stream of [sandbox.process.stdout!, sandbox.process.stderr!]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  const exited = sandbox.exited.then((code) => {
    ended = `the scenario's process has ended with ${code}`;
    wake();
  });
  return {
    async report(name) {
      for (;;) {
        const report = reports.get(name);
        if (report?.failure !== undefined) {
          throw new Error([...report.notes, report.failure, output].join("\n"));
        }
        if (report !== undefined) return report;
        if (ended !== undefined) throw new Error(`${ended}\n${output}`);
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
    async end() {
      sandbox.stop();
      await exited;
    },
  };
}
