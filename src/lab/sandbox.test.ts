import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readdirSync, readlinkSync } from "node:fs";
import { afterEach, expect, it } from "vitest";
import { describeUnless, runInNoSandbox, skipReason, TSX, testScript } from "./testing/harness.ts";

const asRoot = process.getuid?.() === 0;
const PLAIN = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "env", "HOME=/tmp"];
const reason = skipReason();

interface Lab {
  readonly outer: ChildProcess;
  readonly inner: number;
  /** Namespaces of the inner process; they tell its descendants from all other processes. */
  readonly namespaces: { readonly pid: string; readonly net: string };
  readonly exited: Promise<number | null>;
}

const started: ChildProcess[] = [];
afterEach(() => {
  for (const child of started.splice(0)) child.kill("SIGKILL");
});

async function startLab(prefix: readonly string[] = []): Promise<Lab> {
  const argv = [...prefix, process.execPath, ...TSX, testScript("outer-script.ts")];
  const outer = spawn(argv[0]!, argv.slice(1), { stdio: ["ignore", "pipe", "pipe"] });
  started.push(outer);
  const exited = new Promise<number | null>((resolve) => outer.on("exit", resolve));
  let output = "";
  const inner = await new Promise<number>((resolve, reject) => {
    const read = (text: Buffer): void => {
      output += text;
      const match = /ready ([0-9]+)\n/.exec(output);
      if (match !== null) resolve(Number(match[1]));
    };
    outer.stdout!.on("data", read);
    outer.stderr!.on("data", read);
    exited.then(() => reject(new Error(`the lab ended early: ${output}`)));
  });
  const namespace = (type: string): string => readlinkSync(`/proc/${inner}/ns/${type}`);
  return { outer, inner, namespaces: { pid: namespace("pid"), net: namespace("net") }, exited };
}

/** Processes in the namespaces of a lab. */
function processesOf(lab: Lab): string[] {
  return readdirSync("/proc").filter((pid) => {
    if (!/^[0-9]+$/.test(pid)) return false;
    try {
      const { pid: pidNamespace, net } = lab.namespaces;
      return (
        readlinkSync(`/proc/${pid}/ns/pid`) === pidNamespace || readlinkSync(`/proc/${pid}/ns/net`) === net
      );
    } catch {
      return false;
    }
  });
}

async function expectGone(lab: Lab): Promise<void> {
  for (let tries = 0; tries < 200 && processesOf(lab).length > 0; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  expect(processesOf(lab)).toEqual([]);
  expect(existsSync(`/proc/${lab.inner}`)).toBe(false);
}

/** What the machine itself shows of namespaces and rules. */
async function machine(): Promise<{ netns: string[]; ours: boolean }> {
  const tables = asRoot ? (await runInNoSandbox(["nft", "list", "tables"])).output : "";
  const names = existsSync("/run/netns") ? readdirSync("/run/netns") : [];
  return {
    netns: names.filter((name) => /^(pod|node)-|^(fabric|outside)$/.test(name)),
    ours: tables.includes("podwall-lab-test"),
  };
}
const UNTOUCHED = { netns: [], ours: false };

describeUnless(reason, "sandbox", () => {
  it("tears down and passes the exit code on when asked to end", async () => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) {
      const lab = await startLab();
      expect(processesOf(lab).length).toBeGreaterThan(1);
      expect(await machine()).toEqual(UNTOUCHED);
      lab.outer.kill(signal);
      expect(await lab.exited).toBe(42);
      await expectGone(lab);
    }
  });

  it("leaves nothing when the outer process is killed", async () => {
    const lab = await startLab();
    lab.outer.kill("SIGKILL");
    await lab.exited;
    await expectGone(lab);
    expect(await machine()).toEqual(UNTOUCHED);
  });

  it("leaves nothing when the inner process is killed, and fails", async () => {
    const lab = await startLab();
    process.kill(lab.inner, "SIGKILL");
    expect([1, 137]).toContain(await lab.exited);
    await expectGone(lab);
    expect(await machine()).toEqual(UNTOUCHED);
  });

  it("can be entered from another process of the same user only", async () => {
    const lab = await startLab();
    const enter = (...args: string[]): ReturnType<typeof runInNoSandbox> =>
      runInNoSandbox([process.execPath, ...TSX, testScript("exec-script.ts"), ...args]);
    const pid = String(lab.outer.pid);
    const shown = await enter(pid, "shop/web", "cat", "/proc/net/fib_trie");
    expect(shown.output).toContain("10.244.0.11");
    expect(shown.output).not.toContain("10.244.0.10");
    expect(await enter(pid, "shop/web", "sh", "-c", "exit 7")).toEqual({ code: 7, output: "" });
    expect(await enter(pid, "shop/web", "pwd")).toEqual({ code: 0, output: `${process.cwd()}\n` });
    expect(await enter(pid, "shop/wbe", "true")).toEqual({
      code: 99,
      output: expect.stringContaining('the lab has no pod "shop/wbe"; did you mean shop/web'),
    });
    expect(await enter("1", "shop/web", "true")).toEqual({
      code: 99,
      output: expect.stringContaining(`there is no lab with process id 1; running:`),
    });
    const second = await startLab();
    expect((await enter("-", "shop/web", "true")).output).toMatch(/several labs are running \(.*--lab PID/);
    for (const { outer, exited } of [lab, second]) {
      outer.kill("SIGTERM");
      await exited;
    }
    expect((await enter(pid, "shop/web", "true")).code).toBe(99);
  });
});

const plainReason = reason ?? (asRoot ? undefined : "not root: all other tests run as plain user already");
describeUnless(plainReason, "sandbox of a plain user", () => {
  it("works, can be entered, and is gone after SIGKILL", async () => {
    const lab = await startLab(PLAIN);
    expect(readlinkSync(`/proc/${lab.inner}/ns/user`)).not.toBe(readlinkSync("/proc/self/ns/user"));
    const exec = [
      process.execPath,
      ...TSX,
      testScript("exec-script.ts"),
      "-",
      "shop/web",
      "cat",
      "/proc/net/fib_trie",
    ];
    const shown = await runInNoSandbox([...PLAIN, ...exec]);
    expect(shown.output).toContain("10.244.0.11");
    lab.outer.kill("SIGKILL");
    await expectGone(lab);
  });

  it("probes like root", async () => {
    const steps = [
      { probes: ["ICMP", "TCP/80", "UDP/54", "SCTP/3868"].map((kind) => ["shop/db", "fd00:244::10", kind]) },
    ];
    const script = [...TSX, testScript("start-script.ts"), "network-script.ts", JSON.stringify(steps)];
    const { code, output } = await runInNoSandbox([...PLAIN, process.execPath, ...script]);
    expect({ code, output: JSON.parse(output) }).toEqual({
      code: 0,
      output: [{ answer: ["answered", "answered", "refused", "answered"] }],
    });
  });
});
