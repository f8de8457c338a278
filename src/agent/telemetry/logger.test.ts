import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createLogger } from "./logger.ts";

describe("createLogger", () => {
  it("writes an object a line, with level in words, time and node", () => {
    const lines: string[] = [];
    const logger = createLogger({ level: "info", node: "n1", stream: { write: (line) => lines.push(line) } });
    logger.debug("not this");
    logger.warn({ problem: { outcome: "closed" } }, "nft refuses\nit");
    logger.error({ err: new Error("bad") }, "failed");
    expect(lines.map((line) => line.split("\n").length)).toEqual([2, 2]);
    const [warn, error] = lines.map((line) => JSON.parse(line));
    expect(warn).toEqual({
      level: "warn",
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      node: "n1",
      problem: { outcome: "closed" },
      msg: "nft refuses\nit",
    });
    expect(error).toMatchObject({ level: "error", err: { type: "Error", message: "bad" }, msg: "failed" });
  });
});

describe("openLogStream", () => {
  let folder: string;
  let children: ChildProcess[];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "podwall-log-"));
    children = [];
  });
  afterEach(() => {
    for (const child of children) child.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  });

  const JOB = `"${process.execPath}" --import "${import.meta.resolve("tsx")}" "${join(import.meta.dirname, "testing/log-job.ts")}"`;

  /** Runs a shell script in which $JOB is the program; pipes between programs are real ones there. */
  const run = (script: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const child = spawn("bash", ["-c", script], { cwd: folder, env: { ...process.env, JOB } });
      children.push(child);
      let output = "";
      for (const stream of [child.stdout, child.stderr]) {
        stream.on("data", (chunk: Buffer) => {
          output += chunk.toString("utf8");
        });
      }
      child.on("error", reject);
      child.on("close", () => resolve(output));
    });
  const numbers = (file: string): number[] =>
    readFileSync(join(folder, file), "utf8")
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => (JSON.parse(line) as { n: number }).n);
  const UP_TO_500 = Array.from({ length: 500 }, (_, n) => n);

  it.each(["exit", "throw"])("has every line when the process ends by %s", async (how) => {
    // 500 KB: several times what a pipe holds, and the reader is late.
    await run(
      `eval "$JOB" ${how} 500 2>/dev/null | (sleep 0.3; cat) > pipe; eval "$JOB" ${how} 500 > file 2>/dev/null`,
    );
    expect(numbers("pipe")).toEqual(UP_TO_500);
    expect(numbers("file")).toEqual(UP_TO_500);
  });

  it("appends to a file, and does not begin it anew", async () => {
    await run(`for i in 1 2; do eval "$JOB" exit 2; done > file`);
    expect(numbers("file")).toEqual([0, 1, 0, 1]);
  });

  it("does not wait for a reader that reads nothing, neither at work nor at the end", async () => {
    // The reader ends when the writer has: if each waited for the other, this would never end.
    const output = await run(`mkfifo end; (eval "$JOB" ticks 5000; echo ended > end) | cat end`);
    expect(output).toContain("20 ticks");
    expect(output).toContain("ended");
  });

  it("says what was lost when the reader goes on", async () => {
    await run(`mkfifo full; (eval "$JOB" ticks 5000 2> full) | (head -n 1 full > /dev/null; cat) > pipe`);
    const lines = readFileSync(join(folder, "pipe"), "utf8").trimEnd().split("\n");
    const told = lines.map((line) => JSON.parse(line) as { lost?: number; n?: number; ticks?: number });
    const lost = told.reduce((sum, one) => sum + (one.lost ?? 0), 0);
    expect(lost).toBeGreaterThan(0);
    expect(told.filter((one) => one.lost === undefined)).toHaveLength(5020 - lost);
  });

  it("goes on without a log when the reader is gone", async () => {
    expect(await run(`eval "$JOB" ticks 50 | true`)).toBe("20 ticks\n");
  });

  it("writes to a socket too", async () => {
    // What Node calls a pipe to a child is a socket.
    const output = await run(`eval "$JOB" exit 3`);
    expect(
      output
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line).n),
    ).toEqual([0, 1, 2]);
  });
});
