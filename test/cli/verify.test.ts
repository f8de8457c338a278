// What `podwall verify` refuses; what it finds is tested in test/kernel with real rules.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { podwall } from "./run-podwall.ts";

const SHOP = "examples/shop";
const NO_TABLE = '{"nftables": [{"metainfo": {"version": "1.0.6"}}]}';

describe("podwall verify", () => {
  let directory: string;
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), "podwall-verify-"));
    writeFileSync(join(directory, "empty.json"), "\n");
    writeFileSync(join(directory, "text.json"), "table inet podwall {\n}\n");
    writeFileSync(join(directory, "other.json"), '{"kind": "List"}');
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  it("says what a list without the table means", async () => {
    const { code, stdout, stderr } = await podwall(["verify", "--ruleset", "-", SHOP], { stdin: NO_TABLE });
    expect(stderr).toBe("");
    expect(code).toBe(1);
    expect(stdout).toContain("there is no table inet podwall: nothing is enforced");
  });

  it("prints JSON", async () => {
    const { code, stdout } = await podwall(["verify", "--ruleset", "-", "-o", "json", SHOP], {
      stdin: NO_TABLE,
    });
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      schema: "podwall.verify/v1",
      equal: false,
      differences: [{ code: "table-missing" }],
    });
  });

  it.each([
    ["empty.json", /is empty; save what "nft -j list table inet podwall" prints/],
    ["text.json", /it is no JSON/],
    ["other.json", /no list "nftables"/],
    ["none.json", /ENOENT/],
  ])("refuses the ruleset %s", async (file, words) => {
    const { code, stdout, stderr } = await podwall(["verify", "--ruleset", join(directory, file), SHOP]);
    expect(code).toBe(2);
    expect(stdout).toBe("");
    expect(stderr).toMatch(words);
  });

  it("refuses a node that is not there", async () => {
    const { code, stderr } = await podwall(["verify", "--ruleset", "-", "--node", "x", SHOP], {
      stdin: NO_TABLE,
    });
    expect(code).toBe(2);
    expect(stderr).toMatch(/--node x: no such node; there are node/);
  });

  it("asks which node it is, where there are pods on several", async () => {
    const pod = (name: string): string =>
      `{apiVersion: v1, kind: Pod, metadata: {name: ${name}}, spec: {nodeName: on-${name}, containers: [{name: c}]}}`;
    writeFileSync(join(directory, "pods.yaml"), [pod("a"), pod("b")].join("\n---\n"));
    const { code, stderr } = await podwall(["verify", "--ruleset", "-", join(directory, "pods.yaml")], {
      stdin: NO_TABLE,
    });
    expect(code).toBe(2);
    expect(stderr).toMatch(/pods on several nodes; say which this is with --node: there are on-a, on-b/);
  });

  it("refuses to read manifests and ruleset from one standard input", async () => {
    const { code, stderr } = await podwall(["verify", "--ruleset", "-", "-"], { stdin: NO_TABLE });
    expect(code).toBe(2);
    expect(stderr).toMatch(/cannot both be the standard input/);
  });

  it("says that it may not read the kernel", async (context) => {
    if (process.getuid?.() !== 0) context.skip("only root may start a program as another user");
    const { code, stdout, stderr } = await podwall(["verify", SHOP], { uid: 65534 });
    expect(stdout).toBe("");
    expect(stderr).toMatch(/cannot be read here|there is no nft/);
    expect(code).toBe(3);
  });
});
