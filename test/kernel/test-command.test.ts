// `podwall test --lab`: what the cases say, measured with packets.
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { afterAll, beforeAll, expect, it } from "vitest";
import { podwall, ROOT } from "../cli/run-podwall.ts";
import { describeKernel } from "./kernel-support.ts";

interface Result {
  readonly passed: number;
  readonly failed: number;
  readonly files: readonly {
    readonly cases: readonly {
      readonly outcome: string;
      readonly expect: string;
      readonly lab?: {
        readonly probes: number;
        readonly leftOut: number;
        readonly wrong: readonly { readonly predicted: string; readonly measured: string }[];
      };
    }[];
  }[];
}

describeKernel("podwall test --lab", () => {
  let folder = "";
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "podwall-test-lab-"));
    cpSync(`${ROOT}examples/shop`, folder, { recursive: true });
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  async function run(...args: readonly string[]): Promise<{ code: number | null; result: Result }> {
    const { code, stdout, stderr } = await podwall(["test", "--lab", "-o", "json", ...args]);
    expect(stderr).toBe("");
    const result = JSON.parse(stdout) as Result;
    const schema = readFileSync(`${ROOT}schemas/podwall.test-result.v1.schema.json`, "utf8");
    const validate = new Ajv2020().compile(JSON.parse(schema) as object);
    validate(result);
    expect(validate.errors ?? []).toEqual([]);
    return { code, result };
  }

  it("holds for the example, with packets for each case", async () => {
    const { code, result } = await run("examples/shop");
    expect(code).toBe(0);
    for (const { outcome, lab } of result.files[0]!.cases) {
      expect(outcome).toBe("passed");
      expect(lab).toMatchObject({ leftOut: 0, wrong: [] });
      expect(lab!.probes).toBeGreaterThan(0);
    }
    const { stdout } = await podwall(["test", "--lab", "examples/shop"]);
    expect(stdout).toMatch(/\d+ packets were sent: measured = predicted\n4 passed, 0 failed\n$/);
  });

  it("measures first files of examples, with blocks and both families", async () => {
    for (const name of ["ip-block-except", "dual-stack", "default-deny"]) {
      const example = mkdtempSync(join(folder, `${name}-`));
      cpSync(`${ROOT}examples/${name}`, example, { recursive: true });
      await podwall(["test", "--init", example]);
      const { code, result } = await run(example);
      expect([name, code, result.failed]).toEqual([name, 0, 0]);
      const sent = result.files[0]!.cases.map(({ lab }) => lab!.probes);
      expect(Math.min(...sent)).toBeGreaterThan(0);
    }
  });

  it("shows the packets of a case that fails", async () => {
    writeFileSync(
      join(folder, "shop.podwall.yaml"),
      "cases:\n- {from: shop/frontend, to: shop/db:3306, expect: allow}\n- {from: outside, to: shop/api:8080, expect: deny}\n",
    );
    const { code, result } = await run(
      `${folder}/shop.podwall.yaml`,
      `${folder}/pods.yaml`,
      `${folder}/policy.yaml`,
    );
    expect(code).toBe(1);
    for (const { outcome, expect: expected, lab } of result.files[0]!.cases) {
      expect(outcome).toBe("failed");
      expect(lab!.wrong.length).toBe(lab!.probes);
      for (const { predicted, measured } of lab!.wrong) {
        expect(measured).toBe(predicted);
        expect(measured).not.toBe(expected);
      }
    }
  });

  it("fails a case that holds only by a policy in audit mode", async () => {
    const audit = mkdtempSync(join(folder, "audit-"));
    cpSync(`${ROOT}examples/shop`, audit, { recursive: true });
    const policy = join(audit, "policy.yaml");
    const text = readFileSync(policy, "utf8");
    writeFileSync(policy, text.replace(/^metadata:\n/m, "$&  annotations: {podwall.io/mode: audit}\n"));
    writeFileSync(
      join(audit, "shop.podwall.yaml"),
      "cases:\n- {from: shop/frontend, to: shop/db:3306, expect: deny}\n",
    );
    expect((await podwall(["test", audit])).code).toBe(0);
    const { code, stdout } = await podwall(["test", "--lab", audit]);
    expect(code).toBe(1);
    expect(stdout).toContain(
      "2 of 2 packets passed: policies in audit mode deny them, and are not enforced.",
    );
    expect(stdout).toContain("measured: shop/frontend-0 -> shop/db-0 TCP 3306 over IPv4 passed");
  });
});
