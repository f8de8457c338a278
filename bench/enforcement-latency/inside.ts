import { runInSandbox } from "../../src/lab/sandbox-inner.ts";
import { latencyJob } from "./latency-job.ts";

await runInSandbox(async () => {
  const { program, sizes, repetitions } = JSON.parse(process.argv[2]!);
  await latencyJob(program, sizes, repetitions);
  return 0;
});
