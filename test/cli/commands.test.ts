import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { afterAll, describe, expect, it } from "vitest";
import { podwall, ROOT } from "./run-podwall.ts";

const folder = mkdtempSync(join(tmpdir(), "podwall-cli-"));
afterAll(() => rmSync(folder, { recursive: true }));

const SHOP = "examples/shop";

function expectSchema(name: string, value: unknown): void {
  const ajv = new Ajv2020();
  const validate = ajv.compile(
    JSON.parse(readFileSync(`${ROOT}schemas/${name}.schema.json`, "utf8")) as object,
  );
  validate(value);
  expect(validate.errors ?? []).toEqual([]);
}

describe("podwall map", () => {
  it("prints JSON that follows its schema", async () => {
    const { code, stdout } = await podwall(["map", "-o", "json", SHOP]);
    expect(code).toBe(0);
    const map = JSON.parse(stdout) as { peers: { id: string }[]; connections: object[] };
    expectSchema("podwall.map.v1", map);
    expect(map.peers.map((peer) => peer.id)).toContain("shop/db[StatefulSet]");
    expect(map.connections).toContainEqual({
      from: "shop/api[Deployment]",
      to: "shop/db[StatefulSet]",
      ports: ["TCP/3306"],
    });
    expect(JSON.stringify(map.connections)).not.toContain('"from":"shop/frontend[Deployment]","to":"shop/db');
  });

  it("reads stdin, and files one by one, to the same answer", async () => {
    const files = ["pods", "policy"].map((name) => `${SHOP}/${name}.yaml`);
    const stdin = files.map((file) => readFileSync(`${ROOT}${file}`, "utf8")).join("---\n");
    const [whole, single, piped] = await Promise.all([
      podwall(["map", "-o", "json", SHOP]),
      podwall(["map", "-o", "json", ...files]),
      podwall(["map", "-o", "json", "-"], { stdin }),
    ]);
    expect(single.stdout).toBe(whole.stdout);
    expect(piped.stdout).toBe(whole.stdout);
  });

  it("lists pods with --pods, and filters", async () => {
    const pods = await podwall(["map", "--pods", "-o", "csv", "--to", "shop/db", SHOP]);
    expect(pods.code).toBe(0);
    expect(pods.stdout.trim().split(/\r?\n/)).toEqual([
      "from,to,ports,family",
      "shop/api-0,shop/db-0,TCP/3306,",
    ]);
    const port = await podwall(["map", "-o", "csv", "--from", "shop/frontend", "--port", "8080", SHOP]);
    expect(port.stdout).toContain("shop/api[Deployment],TCP/8080");
    expect(port.stdout).not.toContain("db");
  });

  it("has no colour in a pipe, and has it when forced", async () => {
    const plain = await podwall(["map", SHOP]);
    const forced = await podwall(["map", SHOP], { env: { NO_COLOR: "", FORCE_COLOR: "1" } });
    expect(plain.stdout).not.toContain("\u001b[");
    expect(forced.stdout).toContain("\u001b[");
  });

  it("closes the pods of a broken policy with --keep-going, and says so", async () => {
    const file = join(folder, "broken.yaml");
    const policy = readFileSync(`${ROOT}${SHOP}/policy.yaml`, "utf8").replace("port: 3306", "port: 99999");
    writeFileSync(file, `${readFileSync(`${ROOT}${SHOP}/pods.yaml`, "utf8")}\n---\n${policy}`);
    const refused = await podwall(["map", file]);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain("--keep-going");
    const { code, stdout, stderr } = await podwall([
      "map",
      "--keep-going",
      "-o",
      "csv",
      "--to",
      "shop/db",
      file,
    ]);
    expect(code).toBe(0);
    expect(stderr).toContain("shop/db-policy");
    expect(stdout.trim()).toBe("from,to,ports,family");
  });

  it("gives pods the addresses of --pod-cidr, and of no other family", async () => {
    const { stdout } = await podwall(["map", "-o", "json", "--pod-cidr", "fd00:1::/64", SHOP]);
    const map = JSON.parse(stdout) as { connections: { from: string; to: string }[] };
    expect(map.connections.length).toBeGreaterThan(0);
    expect(map.connections.filter(({ from, to }) => from === "0.0.0.0/0" || to === "0.0.0.0/0")).toEqual([]);
  });
});

describe("podwall explain", () => {
  it("exits with 1 for a denied packet and says where it missed", async () => {
    const { code, stdout } = await podwall(["explain", "shop/frontend", "shop/db:3306", SHOP]);
    expect(code).toBe(1);
    expect(stdout).toContain("DENIED");
    expect(stdout).toMatch(/server=api wanted, shop\/frontend-0 has server=web/);
    expect(stdout).toContain("examples/shop/policy.yaml:");
  });

  it("exits with 0 for an allowed one and names the rule", async () => {
    const { code, stdout } = await podwall(["explain", "shop/api", "shop/db:3306", SHOP]);
    expect(code).toBe(0);
    expect(stdout).toContain("ALLOWED");
    expect(stdout).toMatch(/rule 1/);
  });

  it.each([
    ["an address", ["192.168.5.10", "shop/db:3306"], 1],
    ["a port by name or a ping", ["shop/frontend", "shop/db:icmp"], 1],
    ["a pod by its name", ["shop/api-0", "shop/db-0:3306"], 0],
    ["a workload by its id", ["shop/api[Deployment]", "shop/db[StatefulSet]:3306"], 0],
    ["no port", ["shop/api", "shop/db"], 0],
    ["UDP", ["shop/api", "shop/db:3306/UDP"], 1],
    ["an outside address as the destination", ["shop/db", "[2001:db8::1]:443"], 0],
  ])("understands %s", async (_, args, expected) => {
    expect((await podwall(["explain", ...args, SHOP])).code).toBe(expected);
  });

  it("prints JSON that follows its schema", async () => {
    const { code, stdout } = await podwall(["explain", "-o", "json", "shop/frontend", "shop/db:3306", SHOP]);
    expect(code).toBe(1);
    const explanation = JSON.parse(stdout) as { allowed: boolean };
    expectSchema("podwall.explain.v1", explanation);
    expect(explanation.allowed).toBe(false);
  });
});

describe("a policy in audit mode", () => {
  const audited = (mode: string): string => {
    const file = join(folder, `${mode}.yaml`);
    const policy = readFileSync(`${ROOT}${SHOP}/policy.yaml`, "utf8").replace(
      "metadata:\n",
      `metadata:\n  annotations:\n    podwall.io/mode: ${mode}\n`,
    );
    writeFileSync(file, `${readFileSync(`${ROOT}${SHOP}/pods.yaml`, "utf8")}\n---\n${policy}`);
    return file;
  };

  it("is judged as if enforced, with a word about what becomes of the packet", async () => {
    const args = ["shop/frontend", "shop/db:3306", audited("audit")];
    const told = await podwall(["explain", ...args]);
    expect(told.code).toBe(1);
    expect(told.stdout).toContain("DENIED");
    expect(told.stdout).toContain(
      "NetworkPolicy shop/db-policy is in audit mode: this is logged, and let through.",
    );
    const json = await podwall(["explain", "-o", "json", ...args]);
    expect(json.code).toBe(1);
    const explanation = JSON.parse(json.stdout) as { allowed: boolean; audited: unknown[] };
    expectSchema("podwall.explain.v1", explanation);
    expect(explanation).toMatchObject({
      allowed: false,
      audited: [{ policy: "NetworkPolicy shop/db-policy" }],
    });
  });

  it.each([["--output", "text"], ["-o", "md"], ["-o", "json"], ["--exposure"], ["--exposure", "-o", "json"]])(
    "is named with the map (%s %s)",
    async (...args) => {
      const { code, stdout } = await podwall([
        "map",
        ...args.filter((arg) => arg !== undefined),
        audited("audit"),
      ]);
      expect(code).toBe(0);
      if (!args.includes("json"))
        return expect(stdout).toContain("NetworkPolicy shop/db-policy is in audit mode");
      const map = JSON.parse(stdout) as { schema: string; audited: unknown };
      expectSchema(map.schema.replace("/", "."), map);
      expect(map.audited).toEqual(["NetworkPolicy shop/db-policy"]);
    },
  );

  it("that is misspelt is refused, and enforced with --keep-going as it is written", async () => {
    const file = audited("audti");
    const refused = await podwall(["map", file]);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain("Did you mean audit?");
    const kept = await podwall(["map", "--keep-going", "-o", "csv", "--to", "shop/db", file]);
    expect(kept.stdout.trim().split("\r\n")).toEqual([
      "from,to,ports,family",
      "shop/api[Deployment],shop/db[StatefulSet],TCP/3306,",
    ]);
  });
});

describe("podwall explain, where names stand for more than one packet", () => {
  const pod = (name: string, labels: string, ports: string): string =>
    `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}, namespace: d, labels: {${labels}}, ownerReferences: [{apiVersion: apps/v1, kind: StatefulSet, name: ${name.replace(/-\d$/, "")}, uid: u, controller: true}]}\nspec: {containers: [{name: m, ports: [${ports}]}]}\n`;
  const named = [
    pod("w-0", "app: w", "{name: web, containerPort: 80}"),
    pod("w-1", "app: w", "{name: web, containerPort: 8080}"),
    pod("c-0", "app: c", "{containerPort: 1}"),
    "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: p, namespace: d}\nspec: {podSelector: {matchLabels: {app: w}}, ingress: [{ports: [{port: web}]}]}\n",
  ].join("---\n");

  it("takes a port name as each pod means it", async () => {
    const { code, stdout } = await podwall(["explain", "d/c", "d/w:web", "-"], { stdin: named });
    expect(stdout).toContain("ALLOWED");
    expect(code).toBe(0);
    expect((await podwall(["explain", "d/c", "d/w:http", "-"], { stdin: named })).code).toBe(2);
  });

  it("says how many are denied, in text and in JSON", async () => {
    const text = await podwall(["explain", "d/c", "d/w:80", "-"], { stdin: named });
    expect(text.code).toBe(1);
    expect(text.stdout).toContain("1 of 2 are denied");
    const { stdout } = await podwall(["explain", "-o", "json", "d/c", "d/w:80", "-"], { stdin: named });
    expectSchema("podwall.explain.v1", JSON.parse(stdout));
    expect(JSON.parse(stdout)).toMatchObject({ allowed: false, pairs: { total: 2, denied: 1 } });
  });

  it("tells pods apart where no port was named", async () => {
    const { code, stdout } = await podwall(["explain", "d/c", "d/w", "-"], { stdin: named });
    expect(stdout).toMatch(/d\/c-0 -> d\/w-0: TCP 80\./);
    expect(stdout).toMatch(/d\/c-0 -> d\/w-1: TCP 8080\./);
    expect(code).toBe(0);
  });

  it("keeps its verdict when nobody reads it", async () => {
    const script = `"${process.execPath}" dist/podwall.js explain shop/frontend shop/db:3306 ${SHOP} | true; exit \${PIPESTATUS[0]}`;
    const { status } = spawnSync("bash", ["-c", script], { cwd: ROOT });
    expect(status).toBe(1);
  });

  it("knows a finished pod", async () => {
    const stdin =
      "{apiVersion: v1, kind: Pod, metadata: {name: done, namespace: d}, status: {phase: Succeeded}}";
    const { code, stderr } = await podwall(["explain", "d/done", "10.0.0.1:80", "-"], { stdin });
    expect(code).toBe(2);
    expect(stderr).toContain("has finished");
  });
});

describe("podwall", () => {
  it.each([["--help"], ["map", "--help"], ["lab", "--help"], ["lab", "exec", "--help"]])(
    "%s %s helps",
    async (...args) => {
      const { code, stdout } = await podwall(args);
      expect(code).toBe(0);
      expect(stdout).toContain("Usage: podwall");
    },
  );

  it("prints its version", async () => {
    const { version } = JSON.parse(readFileSync(`${ROOT}package.json`, "utf8")) as { version: string };
    expect((await podwall(["--version"])).stdout.trim()).toBe(version);
  });
});
