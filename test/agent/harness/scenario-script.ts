// Runs inside the sandbox: MODULE, whose default export is a scenario. Sends a report of each case.
import { setTimeout as sleep } from "node:timers/promises";
import { inspect } from "node:util";
import { runInSandbox } from "../../../src/lab/sandbox-inner.ts";
import { type AgentCluster, openAgentCluster } from "./agent-cluster.ts";
import { CASE_MILLIS, type CaseReport, type Scenario } from "./scenario.ts";

const { default: scenario } = (await import(process.argv[2]!)) as { default: Scenario<unknown> };

await runInSandbox(async (signal) => {
  let cluster: AgentCluster | undefined;
  const attempt = async (name: string | undefined, act: () => Promise<void>): Promise<boolean> => {
    const limit = new AbortController();
    const begun = performance.now();
    let failure: string | undefined;
    try {
      await Promise.race([act(), tooLate(limit.signal)]);
    } catch (error) {
      failure = `${inspect(error, { depth: 4 })}\n${(await cluster?.diagnostics()) ?? ""}`;
    }
    limit.abort();
    const notes = cluster?.takeNotes() ?? [];
    if (process.env.PODWALL_CASE_TIMES !== undefined) {
      notes.push(`${name ?? "start"}: ${Math.round(performance.now() - begun)} ms`);
    }
    await send({ case: name, notes, ...(failure === undefined ? {} : { failure }) });
    return failure === undefined;
  };

  let state: unknown;
  const isStarted = await attempt(undefined, async () => {
    cluster = await openAgentCluster(scenario.cluster);
    state = await scenario.start(cluster);
  });
  if (isStarted) {
    for (const [name, act] of Object.entries(scenario.cases)) {
      if (signal.aborted) break;
      // One that has failed may have left things behind, and what comes next fail for that: the first tells most.
      const isPassed = await attempt(name, () => act(cluster!, state));
      if (!isPassed && process.env.PODWALL_CASES_BAIL !== undefined) break;
    }
  }
  // Whoever started this waits for the end only when it has seen all reports.
  await cluster?.close();
  return 0;
});

async function tooLate(signal: AbortSignal): Promise<void> {
  try {
    await sleep(CASE_MILLIS, undefined, { signal });
  } catch {
    // It was done in time.
    return;
  }
  throw new Error(`it was not done within ${CASE_MILLIS / 1000} s`);
}

function send(report: CaseReport): Promise<void> {
  return new Promise((resolve, reject) => {
    process.send!(report, (error: Error | null) => {
      if (error === null) resolve();
      else reject(error);
    });
  });
}
