import { spawn } from "node:child_process";

/** Why git has no answer, in words for the user. */
export class GitError extends Error {
  override readonly name: string = "GitError";
  /** What git ended with; undefined if it did not start. */
  readonly code: number | undefined;

  constructor(message: string, code?: number) {
    super(message);
    this.code = code;
  }
}

/** Runs git in a folder to its end, and gives what it prints. Throws a {@link GitError} if it fails. */
export function git(folder: string, args: readonly string[], input = ""): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const child = spawn("git", args, {
      cwd: folder,
      // Messages in English, as they are matched and shown; and no lock, as nothing is written.
      env: { ...process.env, LC_ALL: "C", GIT_OPTIONAL_LOCKS: "0" },
      stdio: "pipe",
    });
    const output: Buffer[] = [];
    const errors: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => output.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => errors.push(chunk));
    child.on("error", (error: NodeJS.ErrnoException) => {
      reject(
        new GitError(
          error.code === "ENOENT"
            ? "git is not installed, or not in the PATH; compare two folders instead: podwall diff OLD NEW"
            : `git cannot be started: ${error.message}`,
        ),
      );
    });
    child.on("close", (code) => {
      if (code === 0) resolve(Buffer.concat(output));
      else reject(new GitError(messageOf(Buffer.concat(errors).toString("utf8")), code ?? -1));
    });
    // Git may end before it has read all, and then says why.
    child.stdin.on("error", () => {});
    child.stdin.end(input);
  });
}

/** What git says is wrong, without its advice. */
function messageOf(text: string): string {
  const line = text.split("\n").find((each) => /^(fatal|error):/.test(each)) ?? text.split("\n")[0] ?? "";
  return line.replace(/^(fatal|error): /, "").trim();
}
