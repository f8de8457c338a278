import { sandboxEnd, startSandbox } from "../../src/lab/sandbox.ts";
import type { Failure } from "../result.ts";
import type { EnforcementPiece } from "./enforcement-result.ts";
import type { EnforcementJob, EnforcementMessage } from "./job.ts";
import type { EnforcementSetting } from "./measure-enforcement.ts";

export interface SandboxRun {
  /** Everything that the job told, also one that failed later. */
  readonly pieces: readonly EnforcementPiece[];
  readonly failure?: Failure;
}

/** Runs a job in a fresh process and namespaces of its own. Never throws for a failing job. */
export async function runSandboxJob(
  job: EnforcementJob,
  { insideScript, timeoutMilliseconds, progress }: EnforcementSetting,
): Promise<SandboxRun> {
  const pieces: EnforcementPiece[] = [];
  let step: string = job.kind;
  let errors = "";
  let timedOut = false;
  progress(`enforcement: ${step}`);
  const sandbox = startSandbox({
    script: insideScript,
    args: [JSON.stringify(job)],
    execArgv: [],
    stdio: "pipe",
    onMessage(received) {
      const message = received as EnforcementMessage;
      if (message.kind === "result") {
        pieces.push(message.piece);
        return;
      }
      step = message.step;
      progress(`enforcement: ${step}`);
    },
  });
  sandbox.process.stdout?.resume();
  sandbox.process.stderr?.on("data", (chunk: Buffer) => {
    errors = (errors + chunk.toString()).slice(-20_000);
  });
  const timer = setTimeout(() => {
    timedOut = true;
    sandbox.process.kill("SIGKILL");
  }, timeoutMilliseconds);
  const code = await sandboxEnd(sandbox);
  clearTimeout(timer);
  if (code === 0) return { pieces };
  const reason = timedOut
    ? `not done after ${Math.round(timeoutMilliseconds / 1000)} s`
    : (/^(?:\w*Error): .*$/m.exec(errors)?.[0] ?? `ended with status ${code}`);
  return { pieces, failure: { job: `enforcement, ${job.kind}`, reason: `${step}: ${reason}` } };
}
