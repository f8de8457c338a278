// Runs inside the sandbox: MINUTES SEED. Writes a line of JSON, and to standard error what is under way.
import { runInSandbox } from "../../../src/lab/sandbox-inner.ts";
import { writeResult } from "../../kernel/write-result.ts";
import { openAgentCluster } from "../harness/agent-cluster.ts";
import { runSoak } from "./soak-run.ts";

const [minutes, seed] = process.argv.slice(2).map(Number) as [number, number];

await runInSandbox(async (signal) => {
  const cluster = await openAgentCluster({ nodes: ["one", "two"] });
  const progress = (line: string): void => void process.stderr.write(`${line}\n`);
  const result = await runSoak(cluster, { minutes, seed, signal, progress });
  await writeResult(result);
  await cluster.close();
  return result.problems.length === 0 ? 0 : 1;
});
