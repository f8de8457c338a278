// One cluster in which latency is measured, in a process and namespaces of its own.
import { runInSandbox } from "../../src/lab/sandbox-inner.ts";
import { sandboxReporter } from "../run-sandbox-job.ts";
import { type LatencyJob, latencyJob } from "./latency-job.ts";
import type { LatencyPiece } from "./latency-result.ts";

await runInSandbox(async () => {
  await latencyJob(JSON.parse(process.argv[2]!) as LatencyJob, sandboxReporter<LatencyPiece>());
  return 0;
});
