// A cluster on which the memory of agents is measured, in a process and namespaces of its own.
import { runInSandbox } from "../../src/lab/sandbox-inner.ts";
import { sandboxReporter } from "../run-sandbox-job.ts";
import { type MemoryJob, memoryJob } from "./memory-job.ts";
import type { MemoryPiece } from "./memory-result.ts";

await runInSandbox(async () => {
  await memoryJob(JSON.parse(process.argv[2]!) as MemoryJob, sandboxReporter<MemoryPiece>());
  return 0;
});
