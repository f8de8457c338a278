import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { afterAll, beforeAll, expect, it } from "vitest";
import { podwall, ROOT } from "./run-podwall.ts";

const folder = mkdtempSync(join(tmpdir(), "podwall-tiers-"));
afterAll(() => rmSync(folder, { recursive: true }));

const GUARD = `apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata:
  name: guard
spec:
  tier: Admin
  priority: 10
  subject: {namespaces: {matchLabels: {kubernetes.io/metadata.name: shop}}}
  ingress:
  - name: tests
    action: Pass
    from: [{pods: {namespaceSelector: {}, podSelector: {matchLabels: {server: api}}}}]
  - name: no-db
    action: Deny
    from: [{namespaces: {}}]
    protocols: [{tcp: {destinationPort: {number: 3306}}}]
`;

const BASE = `apiVersion: policy.networking.k8s.io/v1alpha1
kind: BaselineAdminNetworkPolicy
metadata:
  name: default
spec:
  subject: {namespaces: {}}
  egress:
  - {action: Deny, to: [{networks: [198.51.100.0/24]}]}
`;

beforeAll(() => {
  for (const name of ["pods", "policy"]) {
    writeFileSync(join(folder, `${name}.yaml`), readFileSync(`${ROOT}examples/shop/${name}.yaml`, "utf8"));
  }
  writeFileSync(join(folder, "guard.yaml"), GUARD);
  writeFileSync(join(folder, "base.yaml"), BASE);
});

it("explains what a rule of Admin denies", async () => {
  const { code, stdout } = await podwall(["explain", "shop/frontend", "shop/db:3306", "."], { cwd: folder });
  expect(code).toBe(1);
  expect(stdout).toContain(
    'denied by rule 2 "no-db" of ClusterNetworkPolicy guard (Admin, priority 10)  guard.yaml:13',
  );
  expect(stdout).toContain("A NetworkPolicy cannot override a rule of Admin.");
  expect(stdout).toContain("peer   server=api wanted, shop/frontend-0 has server=web     <- here");
});

it("explains what Admin passes to a NetworkPolicy", async () => {
  const { code, stdout } = await podwall(["explain", "shop/api", "shop/db:3306", "."], { cwd: folder });
  expect(code).toBe(0);
  expect(stdout).toContain("allowed by rule 1 of NetworkPolicy shop/db-policy");
  expect(stdout).toContain('Admin          passed on by rule 1 "tests" of ClusterNetworkPolicy guard');
});

it("explains what Baseline denies, and writes JSON that follows the schema", async () => {
  const { code, stdout } = await podwall(["explain", "-o", "json", "shop/api", "198.51.100.7:443", "."], {
    cwd: folder,
  });
  expect(code).toBe(1);
  const schema: unknown = JSON.parse(readFileSync(`${ROOT}schemas/podwall.explain.v1.schema.json`, "utf8"));
  const validate = new Ajv2020().compile(schema as object);
  const explanation = JSON.parse(stdout) as { egress: object };
  validate(explanation);
  expect(validate.errors ?? []).toEqual([]);
  expect(explanation.egress).toMatchObject({
    reason: "denied",
    deniedBy: { policy: "BaselineAdminNetworkPolicy default", rule: 1, file: "base.yaml", line: 8 },
  });
});

it("marks on the map what cluster-wide policies limit", async () => {
  const { code, stdout } = await podwall(["map", "."], { cwd: folder });
  expect(code).toBe(0);
  expect(stdout).toMatch(/ {2}api +limited /);
  expect(stdout).toMatch(/ {2}db +isolated /);
  expect(stdout).toContain("egress limited");
});
