import { type ChildProcess, fork } from "node:child_process";
import type { Failure } from "../result.ts";
import type { Job, JobResult, Message } from "./job.ts";

export interface JobRun {
  /** Everything that the job told, also one that failed later. */
  readonly result: JobResult;
  readonly failure?: Failure;
}

/** Runs a job in a fresh process with default settings and collects what it tells. Never throws for a failing job. */
export async function runJob(
  childScript: string,
  job: Job,
  timeoutMilliseconds: number,
  onProgress: (step: string) => void,
): Promise<JobRun> {
  const child = fork(childScript, { execArgv: [], stdio: ["ignore", "inherit", "pipe", "ipc"] });
  const stop = endWithParent(child);
  let result: JobResult = {};
  let step = "start";
  let errors = "";
  let timedOut = false;
  child.on("message", (message: Message) => {
    if (message.kind === "progress") {
      step = message.step;
      onProgress(step);
      return;
    }
    const measures = { ...result.measures, ...message.result.measures };
    result = { ...result, ...message.result, measures };
  });
  // The last lines tell what went wrong; V8 writes pages when it runs out of memory.
  child.stderr?.on("data", (chunk: Buffer) => {
    errors = (errors + chunk.toString()).slice(-20_000);
  });
  const timer = setTimeout(() => {
    timedOut = true;
    child.kill("SIGKILL");
  }, timeoutMilliseconds);
  child.send(job);
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (...status) => resolve(status));
  });
  clearTimeout(timer);
  stop();
  if (code === 0) return { result };
  const reason = timedOut
    ? `not done after ${Math.round(timeoutMilliseconds / 1000)} s`
    : (causeIn(errors) ?? `ended with ${signal ?? `status ${code}`}`);
  return { result, failure: { job: job.kind, reason: `${step}: ${reason}` } };
}

function causeIn(errors: string): string | undefined {
  if (errors.includes("heap out of memory")) return "out of memory (Node's default heap limit)";
  return /^(?:\w*Error): .*$/m.exec(errors)?.[0];
}

/** A child busy measuring hears nothing, so whoever ends this process by signal must end it too. */
function endWithParent(child: ChildProcess): () => void {
  const end = (): void => {
    child.kill("SIGKILL");
    process.exit(130);
  };
  process.once("SIGINT", end);
  process.once("SIGTERM", end);
  return () => {
    process.off("SIGINT", end);
    process.off("SIGTERM", end);
  };
}
