import { sandboxEnd, startSandbox } from "../src/lab/sandbox.ts";
import type { Failure } from "./result.ts";

/** A message of a sandbox to its parent. */
export type SandboxMessage<Piece> =
  | { readonly kind: "progress"; readonly step: string }
  | { readonly kind: "result"; readonly piece: Piece };

/** How a job in a sandbox tells what it does and finds, in pieces as it goes. */
export interface SandboxReporter<Piece> {
  progress(step: string): void;
  result(piece: Piece): void;
}

export interface SandboxRun<Piece> {
  /** Everything that the job told, also one that failed later. */
  readonly pieces: readonly Piece[];
  readonly failure?: Failure;
}

export interface SandboxJobSetting {
  /** What the job belongs to, in words. */
  readonly about: string;
  /** The bundled script that runs inside. */
  readonly insideScript: string;
  readonly timeoutMilliseconds: number;
  readonly progress: (text: string) => void;
}

/** Inside the sandbox: tells the parent. */
export function sandboxReporter<Piece>(): SandboxReporter<Piece> {
  const send = (message: SandboxMessage<Piece>): void => {
    process.send!(message);
  };
  return {
    progress: (step) => send({ kind: "progress", step }),
    result: (piece) => send({ kind: "result", piece }),
  };
}

/** Runs a job in a fresh process and namespaces of its own. Never throws for a failing job. */
export async function runSandboxJob<Piece>(
  job: { readonly kind: string },
  { about, insideScript, timeoutMilliseconds, progress }: SandboxJobSetting,
): Promise<SandboxRun<Piece>> {
  const pieces: Piece[] = [];
  let step: string = job.kind;
  let errors = "";
  let timedOut = false;
  progress(`${about}: ${step}`);
  const sandbox = startSandbox({
    script: insideScript,
    args: [JSON.stringify(job)],
    execArgv: [],
    stdio: "pipe",
    onMessage(received) {
      const message = received as SandboxMessage<Piece>;
      if (message.kind === "result") {
        pieces.push(message.piece);
        return;
      }
      step = message.step;
      progress(`${about}: ${step}`);
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
  return { pieces, failure: { job: `${about}, ${job.kind}`, reason: `${step}: ${reason}` } };
}
