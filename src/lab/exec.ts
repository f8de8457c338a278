import { spawn } from "node:child_process";
import { readlinkSync } from "node:fs";
import { constants } from "node:os";
import { findProgram, systemPath } from "../linux/programs.ts";
import { describeLab, findLab, LabControlError, type LabDescription } from "./control.ts";
import { nearNames } from "./near-names.ts";

export interface ExecOptions {
  /** Process id of the lab, where several are running. */
  readonly lab?: number;
}

/**
 * Runs a program inside a pod of a running lab, in the current directory, with this process's stdin, stdout and
 * stderr. Resolves to its exit code, or 128 + the signal that ended it. Throws LabControlError.
 */
export async function execInPod(
  podId: string,
  argv: readonly string[],
  options: ExecOptions = {},
): Promise<number> {
  const lab = await describeLab(findLab(options.lab));
  const command = enterCommand(lab, podId, argv);
  // Ctrl-C is for the program in the pod, which gets it from the terminal too.
  const ignore = (): void => undefined;
  process.on("SIGINT", ignore).on("SIGQUIT", ignore);
  try {
    return await new Promise((resolve, reject) => {
      const env = { ...process.env, PATH: systemPath() };
      const child = spawn(command[0]!, command.slice(1), { stdio: "inherit", env });
      child.on("error", reject);
      child.on("exit", (code, signal) =>
        resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])),
      );
    });
  } finally {
    process.off("SIGINT", ignore).off("SIGQUIT", ignore);
  }
}

/** The nsenter(1) command line that runs `argv` in a pod. Throws LabControlError. */
export function enterCommand(lab: LabDescription, podId: string, argv: readonly string[]): string[] {
  const netns = Object.hasOwn(lab.pods, podId) ? lab.pods[podId] : undefined;
  if (netns === undefined) {
    const ids = Object.keys(lab.pods).sort();
    const near = nearNames(podId, ids);
    const shown = near.length > 0 ? near : ids.slice(0, 10);
    const hint = near.length > 0 ? "did you mean" : "it has";
    const rest =
      ids.length > shown.length && near.length === 0 ? `, and ${ids.length - shown.length} more` : "";
    throw new LabControlError(
      "no-such-pod",
      `the lab has no pod "${podId}"; ${hint} ${shown.join(", ")}${rest}`,
    );
  }
  const nsenter = findProgram("nsenter");
  if (nsenter === undefined) {
    throw new LabControlError("no-nsenter", "nsenter: not installed; apt-get install util-linux");
  }
  const proc = `/proc/${lab.inner}`;
  const user =
    userNamespace(proc) === userNamespace("/proc/self")
      ? []
      : [`--user=${proc}/ns/user`, "--preserve-credentials"];
  return [
    nsenter,
    ...user,
    `--mount=${proc}/ns/mnt`,
    `--pid=${proc}/ns/pid`,
    `--net=${proc}/root/run/netns/${netns}`,
    "--",
    // nsenter leaves its child in /; directories under /run are hidden by the lab's own.
    "/bin/sh",
    "-c",
    'cd "$0" 2>/dev/null || cd /; exec "$@"',
    process.cwd(),
    ...argv,
  ];
}

function userNamespace(proc: string): string {
  try {
    return readlinkSync(`${proc}/ns/user`);
  } catch (error) {
    throw new LabControlError("lab-gone", `the lab has ended, or is not yours (${(error as Error).message})`);
  }
}
