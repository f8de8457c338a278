// `podwall lab` as a user runs it: what it prints, --keep with live edits and exec, and what is left after a kill.
import { type ChildProcess, spawn } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Ajv2020 } from "ajv/dist/2020.js";
import { afterAll, afterEach, expect, it } from "vitest";
import { PODWALL, podwall, ROOT } from "../cli/run-podwall.ts";
import { describeKernel } from "./kernel-support.ts";

const folder = mkdtempSync(join(tmpdir(), "podwall-lab-"));
const running: ChildProcess[] = [];
afterEach(() => {
  for (const child of running.splice(0)) child.kill("SIGKILL");
});
afterAll(() => rmSync(folder, { recursive: true }));

describeKernel("podwall lab", () => {
  it("shows the table, the rules it loads, and exits with 0 when all agree", async () => {
    const { code, stdout } = await podwall(["lab", "--show-rules", "examples/shop"]);
    expect(code).toBe(0);
    expect(stdout).toContain("every cell: predicted = measured");
    expect(stdout).toMatch(/frontend-0 .* - +- +- +\./);
    expect(stdout).toMatch(/add rule inet podwall in4_shop_db_\w+ .*tcp dport 3306 .*counter accept/);
  });

  it("prints JSON that follows its schema", async () => {
    const { stdout } = await podwall([
      "lab",
      "-o",
      "json",
      "--external",
      "192.168.5.10",
      "--",
      "examples/shop",
    ]);
    const schema = JSON.parse(readFileSync(`${ROOT}schemas/podwall.lab.v1.schema.json`, "utf8")) as object;
    const validate = new Ajv2020().compile(schema);
    const output = JSON.parse(stdout) as { probes: { from: string }[] };
    validate(output);
    expect(validate.errors ?? []).toEqual([]);
    expect(output.probes.some((probe) => probe.from === "192.168.5.10")).toBe(true);
  });

  it("spreads pods over nodes, and says how many there are", async () => {
    const { code, stdout } = await podwall(["lab", "--nodes", "4", "examples/shop"]);
    expect(stdout).toContain("podwall lab: 3 pods, 4 nodes, 1 policy;");
    expect(stdout).toContain("every cell: predicted = measured");
    expect(code).toBe(0);
  });

  it("where rules reject, sends no TCP to where nobody listens, and agrees", async () => {
    const { code, stdout } = await podwall(["lab", "--deny", "reject", "examples/shop"]);
    expect(stdout).toContain("every cell: predicted = measured");
    expect(stdout).toMatch(/frontend-0 .* - +- +\. +\.$/m);
    expect(stdout).not.toMatch(/ 22 /);
    expect(code).toBe(0);
  });

  it("lets through what only a policy in audit mode denies, or all of it with --audit", async () => {
    const manifests = join(folder, "audit");
    cpSync(`${ROOT}examples/shop`, manifests, { recursive: true });
    const policy = join(manifests, "policy.yaml");
    const text = readFileSync(policy, "utf8");
    writeFileSync(policy, text.replace(/^metadata:\n/m, "$&  annotations: {podwall.io/mode: audit}\n"));
    for (const args of [[manifests], ["--audit", "examples/shop"]]) {
      const { code, stdout } = await podwall(["lab", ...args]);
      expect(stdout).toContain("every cell: predicted = measured");
      expect(stdout).toMatch(/frontend-0 .* \+ +x +\+ +\. +\. +\.$/m);
      expect(code).toBe(0);
    }
  });

  it("works as a user without root", async (context) => {
    if (process.getuid?.() !== 0) context.skip("this test run is such a user already");
    const copy = mkdtempSync(join(tmpdir(), "podwall-user-"));
    try {
      cpSync(`${ROOT}examples/shop`, copy, { recursive: true });
      chmodSync(copy, 0o755);
      const result = await podwall(["lab", copy], { uid: 65534, env: { HOME: "/tmp" } });
      expect(result.stderr).toBe("");
      expect(result.stdout).toContain("every cell: predicted = measured");
      expect(result.code).toBe(0);
    } finally {
      rmSync(copy, { recursive: true });
    }
  });

  it("with --keep enforces edits, runs commands in pods, and is gone after Ctrl-C", async () => {
    const manifests = join(folder, "keep");
    cpSync(`${ROOT}examples/shop`, manifests, { recursive: true });
    const { child, said } = await keptLab(manifests);
    const reach = async (): Promise<string> => {
      const { stdout } = await podwall([
        "lab",
        "exec",
        "--lab",
        String(child.pid),
        "shop/frontend",
        "--",
        process.execPath,
        "-e",
        CONNECT,
        await dbAddress(child),
      ]);
      return stdout.trim();
    };
    expect(await reach()).toBe("blocked");
    const policy = join(manifests, "policy.yaml");
    writeFileSync(policy, readFileSync(policy, "utf8").replace("server: api", "server: web"));
    await said(/in force \d+ ms/);
    expect(await reach()).toBe("connected");
    // A broken edit is reported and changes nothing.
    writeFileSync(policy, readFileSync(policy, "utf8").replace("podSelector:", "podselector:"));
    await said(/rules in force stay as they were/);
    expect(await reach()).toBe("connected");

    // So is an edit that no lab can be built from.
    writeFileSync(policy, readFileSync(policy, "utf8").replace("podselector:", "podSelector:"));
    await said(/in force \d+ ms/);
    const pods = join(manifests, "pods.yaml");
    const stray =
      "---\n{apiVersion: v1, kind: Pod, metadata: {name: stray, namespace: shop}, status: {podIP: 127.0.0.1}}\n";
    const before = readFileSync(pods, "utf8");
    writeFileSync(pods, `${before}${stray}`);
    await said(/127\.0\.0\.1 is a loopback address.*rules in force stay as they were/s);
    expect(await reach()).toBe("connected");
    writeFileSync(pods, before);
    await said(/in force \d+ ms/);

    child.kill("SIGINT");
    const code = await new Promise((resolve) => child.on("exit", resolve));
    expect(code).toBe(0);
  });

  it("with --keep leaves pods on their nodes when others come before them", async () => {
    const manifests = join(folder, "nodes");
    cpSync(`${ROOT}examples/shop`, manifests, { recursive: true });
    const { child, said } = await keptLab(manifests, ["--nodes", "3"]);
    const places = (): Promise<string[]> =>
      Promise.all(["frontend", "api", "db"].map((name) => networkInside(child, `shop/${name}`)));
    const before = await places();
    expect(new Set(before).size).toBe(3);
    const early =
      "---\n{apiVersion: v1, kind: Pod, metadata: {name: aaa, namespace: shop}, spec: {containers: [{name: m}]}}\n";
    const pods = join(manifests, "pods.yaml");
    writeFileSync(pods, `${readFileSync(pods, "utf8")}${early}`);
    await said(/4 pods, 3 nodes.*in force \d+ ms/);
    expect(await places()).toEqual(before);
  });

  it.each(["outer", "inner"] as const)(
    "killed with SIGKILL (%s process) leaves nothing behind",
    async (which) => {
      const before = namespaceFiles();
      const { child } = await keptLab("examples/shop");
      const family = descendants(child.pid!);
      // Process 1 of the sandbox is the last of the chain outer, setpriv or unshare, node.
      expect(family.length).toBeGreaterThanOrEqual(2);
      const inner = family.find((pid) => commandOf(pid).includes("lab-inner"))!;
      const networks = new Set(family.map(networkOf));
      process.kill(which === "outer" ? child.pid! : inner, "SIGKILL");
      await until(() => family.every((pid) => !isRunning(pid)));
      expect(namespaceFiles()).toEqual(before);
      expect(
        allNetworks().filter((network) => networks.has(network) && network !== networkOf(process.pid)),
      ).toEqual([]);
      const exec = await podwall(["lab", "exec", "--lab", String(child.pid), "shop/api", "--", "true"]);
      expect(exec.code).toBe(2);
    },
  );
});

const CONNECT = `
const socket = require("node:net").connect(3306, process.argv[1]);
socket.on("connect", () => { console.log("connected"); process.exit(); });
socket.on("error", (error) => { console.log(error.message); process.exit(); });
setTimeout(() => { console.log("blocked"); process.exit(); }, 1500);`;

interface KeptLab {
  readonly child: ChildProcess;
  /** Resolves when the lab has said something new that matches. */
  readonly said: (pattern: RegExp) => Promise<void>;
}

async function keptLab(path: string, options: readonly string[] = []): Promise<KeptLab> {
  const child = spawn(process.execPath, [PODWALL, "lab", "--keep", ...options, path], {
    cwd: ROOT,
    stdio: "pipe",
  });
  running.push(child);
  let text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
    });
  }
  const said = async (pattern: RegExp): Promise<void> => {
    await until(
      () => pattern.test(text),
      () => text,
    );
    text = "";
  };
  await said(/The lab stays up/);
  return { child, said };
}

/** The network namespace of a pod, as it is told inside. A pod that is put on another node gets a new one. */
async function networkInside(child: ChildProcess, pod: string): Promise<string> {
  const command = ["readlink", "/proc/self/ns/net"];
  const { stdout, stderr } = await podwall([
    "lab",
    "exec",
    "--lab",
    String(child.pid),
    pod,
    "--",
    ...command,
  ]);
  if (!stdout.startsWith("net:")) throw new Error(`no namespace in: ${stdout}${stderr}`);
  return stdout.trim();
}

async function dbAddress(child: ChildProcess): Promise<string> {
  const { stdout, stderr } = await podwall([
    "lab",
    "exec",
    "--lab",
    String(child.pid),
    "shop/db",
    "--",
    "ip",
    "-4",
    "-o",
    "address",
    "show",
    "scope",
    "global",
  ]);
  const address = /inet (10\.244\.[\d.]+)/.exec(stdout)?.[1];
  if (address === undefined) throw new Error(`no address in: ${stdout}${stderr}`);
  return address;
}

async function until(holds: () => boolean, state: () => string = () => ""): Promise<void> {
  for (let tries = 0; !holds(); tries++) {
    if (tries > 400) throw new Error(`waited in vain for ${holds.toString()}\n${state()}`);
    await sleep(50);
  }
}

function processes(): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

function readProc(path: string): string {
  try {
    return readFileSync(`/proc/${path}`, "utf8");
  } catch {
    // The process ended while we were looking.
    return "";
  }
}

function parentOf(pid: number): number {
  const stat = readProc(`${pid}/stat`);
  return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
}

function descendants(pid: number): number[] {
  const children = processes().filter((each) => parentOf(each) === pid);
  return children.flatMap((child) => [child, ...descendants(child)]);
}

function commandOf(pid: number): string {
  return readProc(`${pid}/cmdline`);
}

function isRunning(pid: number): boolean {
  const stat = readProc(`${pid}/stat`);
  return stat !== "" && !/\) Z /.test(stat);
}

function networkOf(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/ns/net`);
  } catch {
    // The process ended while we were looking.
    return "";
  }
}

function allNetworks(): string[] {
  return [...new Set(processes().map(networkOf))].filter((network) => network !== "");
}

function namespaceFiles(): string[] {
  return existsSync("/run/netns") ? readdirSync("/run/netns").sort() : [];
}
