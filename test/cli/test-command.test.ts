// `podwall test` as a user runs it.
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { podwall, ROOT } from "./run-podwall.ts";

const SHOP = "examples/shop";
const folder = mkdtempSync(join(tmpdir(), "podwall-test-"));
afterAll(() => rmSync(folder, { recursive: true }));

let shop = "";
let file = "";
let count = 0;
beforeEach(() => {
  shop = join(folder, `${count++}`, "shop");
  file = join(shop, "shop.podwall.yaml");
  mkdirSync(shop, { recursive: true });
  for (const name of ["pods.yaml", "policy.yaml"]) cpSync(`${ROOT}${SHOP}/${name}`, join(shop, name));
});

function write(...cases: readonly string[]): void {
  writeFileSync(file, `cases:\n${cases.map((each) => `- {${each}}\n`).join("")}`);
}

const HOLDS = "name: the api gets in, from: shop/api, to: shop/db:3306, expect: allow";
const FAILS = "name: 'so does the <web>', from: shop/frontend, to: shop/db:3306, expect: allow";
const UNKNOWN = "name: who, from: shop/nobody, to: shop/db, expect: deny";

describe("podwall test", () => {
  it("holds for the example", async () => {
    const { code, stdout, stderr } = await podwall(["test", SHOP]);
    expect(stderr).toBe("");
    expect(stdout).toMatch(
      /^examples\/shop\/shop\.podwall\.yaml\n( {2}✓ passed {2}.*\n)+\n\d+ passed, 0 failed\n$/,
    );
    expect(code).toBe(0);
  });

  it("says of a case that fails where it is, who gets through, and why", async () => {
    write(HOLDS, FAILS);
    const { code, stdout } = await podwall(["test", shop]);
    expect(code).toBe(1);
    expect(stdout).toContain("✓ passed  the api gets in");
    expect(stdout).toContain("✗ failed  so does the <web>");
    expect(stdout).toContain(
      `${file}:3:3  2 of 2 pairs (IPv4 and IPv6 counted apart) cannot connect as expected.`,
    );
    expect(stdout).toContain("shop/frontend-0 -> shop/db-0: TCP 3306 does not pass");
    expect(stdout).toContain("server=api wanted, shop/frontend-0 has server=web");
    expect(stdout).toContain("1 passed, 1 failed");
  });

  it("never passes a case about somebody who is not there", async () => {
    write(HOLDS, FAILS, UNKNOWN);
    const { code, stdout } = await podwall(["test", shop]);
    expect(code).toBe(2);
    expect(stdout).toContain(
      `✗ error   who\n      ${file}:4:21  There is no pod and no workload shop/nobody.`,
    );
    expect(stdout).toContain("1 passed, 1 failed, 1 could not be judged");
  });

  it("refuses a file with an error, and points at it", async () => {
    writeFileSync(file, "cases:\n- {from: shop/api, to: shop/db, expct: deny}\n");
    const { code, stdout, stderr } = await podwall(["test", shop]);
    expect(code).toBe(2);
    expect(stdout).toBe("");
    expect(stderr).toContain(
      `${file}:2:33  error  unknown-field\n  A case has no field "expct".\n  Did you mean expect?`,
    );
    expect(stderr).toContain("2 errors in the assertions; nothing was tested");
  });

  it("refuses manifests with an error, and says when there is nothing to test", async () => {
    const none = await podwall(["test", shop]);
    expect([none.code, none.stdout]).toEqual([2, ""]);
    expect(none.stderr).toContain(
      "there is no *.podwall.yaml, so there is nothing to test; podwall test --init",
    );
    write(HOLDS);
    writeFileSync(join(shop, "policy.yaml"), "kind: NetworkPolicy\n");
    const { code, stdout } = await podwall(["test", shop]);
    expect([code, stdout]).toEqual([2, ""]);
    const missing = await podwall(["test", join(folder, "nowhere")]);
    expect(missing.code).toBe(2);
    expect(missing.stderr).toContain("There is no such file or folder.");
  });

  it("reads the manifests that a file names, those beside it, or those that are named with it", async () => {
    const elsewhere = join(shop, "..", "tests");
    mkdirSync(elsewhere);
    const alone = join(elsewhere, "a.podwall.yaml");
    writeFileSync(alone, `manifests: [../shop/pods.yaml, ../shop/policy.yaml]\ncases: [{${HOLDS}}]\n`);
    write(HOLDS);
    const pods = readFileSync(join(shop, "pods.yaml"), "utf8");
    const policy = readFileSync(join(shop, "policy.yaml"), "utf8");
    const runs = await Promise.all([
      podwall(["test", alone]),
      podwall(["test", elsewhere]),
      podwall(["test", file]),
      podwall(["test"], { cwd: shop }),
      podwall(["test", file, "-"], { stdin: `${pods}\n---\n${policy}` }),
      podwall(["test", file, join(shop, "pods.yaml"), join(shop, "policy.yaml")]),
    ]);
    for (const { code, stdout, stderr } of runs) {
      expect([code, stderr]).toEqual([0, ""]);
      expect(stdout).toContain("1 passed, 0 failed");
    }
    // Without its policy the database is open.
    writeFileSync(alone, `cases: [{from: shop/frontend, to: shop/db, expect: deny}]\n`);
    const open = await podwall(["test", alone, join(shop, "pods.yaml")]);
    expect(open.code).toBe(1);
    const several = await podwall(["test", elsewhere, shop]);
    expect(several.stdout).toContain("2 passed, 0 failed");
  });

  it("prints JSON that follows its schema", async () => {
    write(HOLDS, FAILS, UNKNOWN);
    const { code, stdout } = await podwall(["test", "-o", "json", "--coverage", shop]);
    expect(code).toBe(2);
    const result = JSON.parse(stdout) as {
      files: { cases: Record<string, unknown>[] }[];
      coverage: { connections: number; covered: number; uncovered: object[] };
    };
    expectSchema("podwall.test-result.v1", result);
    expect(result).toMatchObject({ passed: 1, failed: 1, errors: 1 });
    const [passed, failed, error] = result.files[0]!.cases;
    expect(passed).toMatchObject({ outcome: "passed", line: 2, column: 3, pairs: 2, failing: 0 });
    expect(failed).toMatchObject({
      outcome: "failed",
      counterexamples: [
        { from: "shop/frontend-0", to: "shop/db-0", families: ["IPv4", "IPv6"], ports: ["TCP/3306"] },
      ],
      explanation: { schema: "podwall.explain/v1", allowed: false },
    });
    expect(error).toMatchObject({ outcome: "error", problem: { line: 4, column: 21 } });
    expectSchema("podwall.explain.v1", failed!.explanation);
    const { connections, covered, uncovered } = result.coverage;
    expect(covered).toBe(1);
    expect(uncovered).toHaveLength(connections - covered);
  });

  it("prints JUnit", async () => {
    write(HOLDS, FAILS, UNKNOWN);
    const { code, stdout } = await podwall(["test", "-o", "junit", shop]);
    expect(code).toBe(2);
    expect(stdout).toContain('<testsuites name="podwall" tests="3" failures="1" errors="1"');
    expect(stdout).toContain('<testcase name="so does the &lt;web&gt;"');
    expect(stdout).toMatch(/<failure message="2 of 2 pairs [^"]*" type="allow">/);
    expect(stdout).toContain(
      '<error message="There is no pod and no workload shop/nobody." type="not-judged">',
    );
  });

  it("tells what no case speaks of", async () => {
    write(HOLDS, "from: anyone, to: shop/frontend:80, expect: allow");
    const { code, stdout } = await podwall(["test", "--coverage", shop]);
    expect(code).toBe(0);
    expect(stdout).toContain("1 of 10 allowed connections are covered, 3 in part; no case speaks of:");
    // The same of several senders stands on one line.
    expect(stdout).toMatch(/^ {2}shop\/\w+, shop\/\w+, outside [^\n]+ +-> +shop\/api +everything\n/m);
    expect(stdout).toMatch(/shop\/db[^>\n]* +-> +shop\/frontend +everything but TCP 80\n/);
  });

  it("has colours only where they are asked for", async () => {
    write(HOLDS);
    const forced = await podwall(["test", shop], { env: { NO_COLOR: "", FORCE_COLOR: "1" } });
    expect(forced.stdout).toContain("\u001b[32m✓ passed\u001b[39m");
  });
});

describe("podwall test --init", () => {
  it("writes a file that holds, and never over another", async () => {
    const { code, stdout } = await podwall(["test", "--init", shop]);
    expect(code).toBe(0);
    expect(stdout).toContain(`${file}: 5 cases; run them with podwall test ${shop}`);
    const text = readFileSync(file, "utf8");
    expect(text).toContain(
      "- name: nobody else may reach shop/db\n  from: {anyone: true, except: [shop/api]}\n",
    );
    const run = await podwall(["test", shop]);
    expect(run.stdout).toContain("5 passed, 0 failed");
    expect(run.code).toBe(0);
    const again = await podwall(["test", "--init", shop]);
    expect(again.code).toBe(2);
    expect(again.stderr).toContain(`${file} is there already, and is not overwritten`);
    expect(readFileSync(file, "utf8")).toBe(text);
  });

  it("leads editors to the schema, where it lies in the folder that the command runs in", async () => {
    // A folder of the repository that no other test looks into.
    const inside = mkdtempSync(join(ROOT, "node_modules/.podwall-test-"));
    try {
      cpSync(join(shop, "pods.yaml"), join(inside, "pods.yaml"));
      expect((await podwall(["test", "--init", inside])).code).toBe(0);
      const text = readFileSync(join(inside, `${basename(inside)}.podwall.yaml`), "utf8");
      expect(text).toMatch(
        /^# yaml-language-server: \$schema=\.\.\/\.\.\/schemas\/podwall\.test\.v1\.schema\.json\n/,
      );
    } finally {
      rmSync(inside, { recursive: true });
    }
    await podwall(["test", "--init", shop]);
    expect(readFileSync(file, "utf8")).not.toContain("$schema");
  });

  it("prints where there is no one folder to write into", async () => {
    const files = ["pods.yaml", "policy.yaml"].map((name) => join(shop, name));
    const { code, stdout } = await podwall(["test", "--init", ...files]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^# What may pass.*\n.*\ncases:\n- name: /);
    expect(existsSync(file)).toBe(false);
  });

  it.each([
    [["--init", "--lab", SHOP], "--init only writes a file; leave --lab out"],
    [["--init", `${SHOP}/shop.podwall.yaml`], "name the manifests that a first file is to be about"],
    [["--lab", "--live", SHOP], "--lab builds the pods of manifests on this machine"],
  ])("refuses %j", async (args, words) => {
    const { code, stdout, stderr } = await podwall(["test", ...args]);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(words);
  });
});

function expectSchema(name: string, value: unknown): void {
  const validate = new Ajv2020().compile(
    JSON.parse(readFileSync(`${ROOT}schemas/${name}.schema.json`, "utf8")) as object,
  );
  validate(value);
  expect(validate.errors ?? []).toEqual([]);
}
