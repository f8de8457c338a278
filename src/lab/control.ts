import { readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";
import { connect, createServer } from "node:net";

/** What a running lab tells another terminal of the same user. */
export interface LabDescription {
  /** Process id of the lab's inner process, as the machine sees it. */
  readonly inner: number;
  /** Pod ids and the names of their network namespaces inside the sandbox. */
  readonly pods: Readonly<Record<string, string>>;
}

/** A lab of this user that is running now. */
export interface RunningLab {
  /** Process id of its outer process: what `--lab` takes. */
  readonly pid: number;
  /** Its abstract socket address, leading NUL included. */
  readonly socket: string;
}

/** What can go wrong on the way into a lab. */
export type LabControlCode = "no-lab" | "several-labs" | "lab-gone" | "no-such-pod" | "no-nsenter";

/** A problem with finding or entering a lab, with a message for the user. */
export class LabControlError extends Error {
  readonly code: LabControlCode;
  constructor(code: LabControlCode, message: string) {
    super(message);
    this.name = "LabControlError";
    this.code = code;
  }
}

const PREFIX = "podwall-lab";

/**
 * Makes this (outer) process findable by `podwall exec` of the same user. The socket is abstract: no file is left
 * behind, however the process ends. `describe` is asked for each caller; undefined while the lab is starting.
 */
export function startControl(
  describe: () => LabDescription | undefined,
): Promise<{ close(): Promise<void> }> {
  const server = createServer((socket) => {
    // The caller may hang up first; nothing is lost by it.
    socket.on("error", () => socket.destroy());
    socket.end(`${JSON.stringify(describe() ?? {})}\n`);
  });
  server.unref();
  return new Promise((resolve, reject) => {
    server.on("error", reject);
    server.listen(`\0${PREFIX}-${process.getuid?.()}-${process.pid}`, () =>
      resolve({ close: () => new Promise((closed) => server.close(() => closed())) }),
    );
  });
}

/** Labs of this user, by /proc/net/unix. */
export function runningLabs(): RunningLab[] {
  const uid = process.getuid?.();
  const pattern = new RegExp(`^@${PREFIX}-${uid}-([0-9]+)@*$`);
  const labs: RunningLab[] = [];
  for (const line of readFileSync("/proc/net/unix", "utf8").split("\n")) {
    const [, , , flags, , , inode, path] = line.trim().split(/\s+/);
    const match = pattern.exec(path ?? "");
    // 00010000: a listening socket.
    if (match === null || path === undefined || flags !== "00010000") continue;
    const pid = Number(match[1]);
    if (ownsSocket(pid, uid, inode!)) labs.push({ pid, socket: path.replaceAll("@", "\0") });
  }
  return labs;
}

/** Anyone may take an abstract name. Only a process of our own that really holds the socket is believed. */
function ownsSocket(pid: number, uid: number | undefined, inode: string): boolean {
  try {
    if (statSync(`/proc/${pid}`).uid !== uid) return false;
    return readdirSync(`/proc/${pid}/fd`).some(
      (fd) => linkOf(`/proc/${pid}/fd/${fd}`) === `socket:[${inode}]`,
    );
  } catch {
    // The process is gone, or is not ours to look at.
    return false;
  }
}

function linkOf(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    // Closed since it was listed.
    return undefined;
  }
}

/** The lab meant by the user: the only one, or the one with this outer process id. Throws LabControlError. */
export function findLab(pid: number | undefined): RunningLab {
  const labs = runningLabs();
  const pids = labs.map((lab) => lab.pid).join(", ");
  if (pid !== undefined) {
    const chosen = labs.find((lab) => lab.pid === pid);
    if (chosen !== undefined) return chosen;
    const others = labs.length === 0 ? "none is running" : `running: ${pids}`;
    throw new LabControlError("no-lab", `there is no lab with process id ${pid}; ${others}`);
  }
  if (labs.length > 1) {
    throw new LabControlError(
      "several-labs",
      `several labs are running (${pids}); choose one with --lab PID`,
    );
  }
  if (labs[0] === undefined) {
    throw new LabControlError(
      "no-lab",
      "no lab of this user is running; start one in another terminal: podwall lab <folder>",
    );
  }
  return labs[0];
}

/** Asks a lab for its process and its pods. Throws LabControlError if it has just ended or is still starting. */
export function describeLab(lab: RunningLab): Promise<LabDescription> {
  return new Promise((resolve, reject) => {
    let text = "";
    const socket = connect(lab.socket);
    socket.setEncoding("utf8").on("data", (part: string) => {
      text += part;
    });
    socket.on("error", (error) =>
      reject(
        new LabControlError("lab-gone", `lab ${lab.pid} does not answer (${error.message}); is it ending?`),
      ),
    );
    socket.on("end", () => {
      const answer = JSON.parse(text) as Partial<LabDescription>;
      const { inner, pods } = answer;
      if (inner !== undefined && pods !== undefined) resolve({ inner, pods });
      else reject(new LabControlError("lab-gone", `lab ${lab.pid} is still starting; try again in a moment`));
    });
  });
}
