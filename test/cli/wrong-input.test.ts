// Every kind of wrong input, through the command line: exit code 2, the right place, words that help, no stack trace.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { podwall, type RunResult } from "./run-podwall.ts";
import { wrongInputs } from "./wrong-input/cases.ts";

const folder = mkdtempSync(join(tmpdir(), "podwall-wrong-input-"));
afterAll(() => rmSync(folder, { recursive: true }));

function expectRefusal(result: RunResult): void {
  expect(result.code).toBe(2);
  expect(result.stdout).toBe("");
  expect(result.stderr).not.toMatch(/^\s+at .*:\d+:\d+\)?$/m);
  expect(result.stderr).not.toMatch(/\b(E[A-Z]{4,}|TypeError|undefined)\b/);
}

describe("wrong manifests are refused with a clear error", () => {
  it.each(wrongInputs.map((input, i) => ({ ...input, i })))("$name", async ({ files, args, expected, i }) => {
    const own = join(folder, String(i));
    for (const [file, content] of Object.entries(files)) {
      mkdirSync(dirname(join(own, file)), { recursive: true });
      writeFileSync(join(own, file), content);
    }
    const result = await podwall(["map", ...(args ?? []), "."], { cwd: own });
    expectRefusal(result);
    for (const mention of expected.mentions) expect(result.stderr).toMatch(mention);
    if (expected.line !== undefined) {
      const place =
        expected.column === undefined ? `${expected.line}:` : `${expected.line}:${expected.column} `;
      expect(result.stderr).toContain(`${Object.keys(files)[0]}:${place}`);
    }
  });
});

describe("wrong paths and arguments are refused", () => {
  it.each([
    ["a folder that does not exist", ["map", "no-such-folder"], /no-such-folder/],
    ["an empty folder", ["map", "empty"], /empty.*empty-directory|no .*\.yaml/s],
    [
      "an unknown pod, with near names",
      ["explain", "shop/fronted", "shop/db:3306", "good.yaml"],
      /shop\/fronted/,
    ],
    ["a port out of range", ["explain", "shop/a", "shop/b:70000", "good.yaml"], /70000/],
    ["a protocol without ports", ["explain", "shop/a", "shop/b:80/ICMP", "good.yaml"], /ICMP/i],
    ["a bad --pod-cidr", ["map", "--pod-cidr", "10.244.0.0/99", "good.yaml"], /10\.244\.0\.0\/99/],
    ["a pod CIDR that is too small", ["map", "--pod-cidr", "10.0.0.0/32", "good.yaml"], /--pod-cidr/],
    ["an unknown output format", ["map", "-o", "xml", "good.yaml"], /text.*json.*csv.*md/],
    ["a kind of policy that is none", ["status", "netpool/db"], /Did you mean netpol\?/],
    ["a policy without a name", ["status", "netpol"], /netpol\/NAME/],
    ["--wait without a policy", ["status", "--wait"], /--wait is about policies/],
    ["--watch with a policy", ["status", "netpol/db", "--watch"], /use --wait/],
    ["a timeout that is no time", ["status", "netpol/db", "--wait", "--timeout", "soon"], /60s/],
    ["two choices of flows", ["flows", "--audited", "--all"], /--audited is a part of --all/],
    ["an unknown option", ["map", "--colour", "good.yaml"], /--colour/],
    ["an unknown command", ["mapp", "good.yaml"], /mapp/],
    ["a bad external address", ["lab", "--external", "192.168.5.300", "good.yaml"], /192\.168\.5\.300/],
    [
      "an external address that is a pod's",
      ["lab", "--external", "10.244.0.1", "good.yaml"],
      /10\.244\.0\.1 belongs to pod/,
    ],
    [
      "an external address that no host can have",
      ["lab", "--external", "127.0.0.1", "good.yaml"],
      /loopback/,
    ],
    ["an empty file", ["map", "nothing.yaml"], /no Kubernetes object/],
    ["an unknown --from", ["map", "--from", "shop/none", "good.yaml"], /shop\/none/],
  ])("%s", async (_, args, mention) => {
    mkdirSync(join(folder, "empty"), { recursive: true });
    writeFileSync(join(folder, "nothing.yaml"), "# nothing\n");
    writeFileSync(
      join(folder, "good.yaml"),
      ["a", "b"]
        .map((name) => `{apiVersion: v1, kind: Pod, metadata: {name: ${name}, namespace: shop}}\n`)
        .join("---\n"),
    );
    const result = await podwall(args, { cwd: folder });
    expectRefusal(result);
    expect(result.stderr).toMatch(mention);
  });

  it.each([["no-such-folder"], ["binary.yaml"]])(
    "--keep-going is neither offered nor taken for %s",
    async (path) => {
      writeFileSync(join(folder, "binary.yaml"), Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 0xff, 0xfe, 0]));
      const refused = await podwall(["map", path], { cwd: folder });
      expectRefusal(refused);
      expect(refused.stderr).not.toContain("--keep-going");
      expectRefusal(await podwall(["map", "--keep-going", path], { cwd: folder }));
    },
  );

  it("a 20 MB file with one mistake at its end is read, and the mistake found", async () => {
    const pod = (i: number): string =>
      `apiVersion: v1\nkind: Pod\nmetadata:\n  name: pod-${i}\n  namespace: big\n  labels: {app: a${i % 7}, filler: ${"x".repeat(60)}}\n`;
    let text = "";
    for (let i = 0; text.length < 20_000_000; i++) text += `${pod(i)}---\n`;
    const line = text.split("\n").length + 5;
    text +=
      "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: last, namespace: big}\nspec:\n  podSelector: {}\n  polcyTypes: [Ingress]\n";
    writeFileSync(join(folder, "big.yaml"), text);
    const result = await podwall(["map", "big.yaml"], { cwd: folder });
    expectRefusal(result);
    expect(result.stderr).toContain(`big.yaml:${line}:3`);
    expect(result.stderr).toMatch(/policyTypes/);
  });
});
