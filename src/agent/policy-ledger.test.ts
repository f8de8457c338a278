import { expect, it } from "vitest";
import type { PolicyVersion } from "../source/kube/policy-version.ts";
import { createPolicyLedger } from "./policy-ledger.ts";

const POLICY = "NetworkPolicy shop/db";
const version = (resourceVersion: string): PolicyVersion => ({ uid: "u", generation: 1, resourceVersion });
const NONE: ReadonlySet<string> = new Set();

it("knows a policy as seen before it is in force", () => {
  const ledger = createPolicyLedger();
  ledger.see([{ policy: POLICY, version: version("1") }]);
  expect(ledger.entry(POLICY)).toEqual({ seen: version("1") });
  ledger.enforce(NONE);
  expect(ledger.entry(POLICY)).toEqual({ seen: version("1"), enforced: version("1") });
  ledger.see([{ policy: POLICY, version: version("2") }]);
  expect(ledger.entry(POLICY)).toEqual({ seen: version("2"), enforced: version("1") });
});

it("keeps a deleted policy until nothing of it is in force", () => {
  const ledger = createPolicyLedger();
  ledger.see([{ policy: POLICY, version: version("1") }]);
  ledger.enforce(NONE);
  ledger.see([{ policy: POLICY, version: undefined }]);
  expect(ledger.entry(POLICY)).toEqual({ enforced: version("1") });
  ledger.enforce(NONE);
  expect([...ledger.entries()]).toEqual([]);
});

it("forgets at once what never was in force", () => {
  const ledger = createPolicyLedger();
  ledger.see([{ policy: POLICY, version: version("1") }]);
  ledger.see([{ policy: POLICY, version: undefined }]);
  expect([...ledger.entries()]).toEqual([]);
});

it("does not call in force what the kernel refused, until it takes it", () => {
  const ledger = createPolicyLedger();
  ledger.see([{ policy: POLICY, version: version("1") }]);
  ledger.enforce(new Set([POLICY]));
  expect(ledger.entry(POLICY)).toEqual({ seen: version("1") });
  ledger.enforce(NONE);
  expect(ledger.entry(POLICY)?.enforced).toEqual(version("1"));
});
