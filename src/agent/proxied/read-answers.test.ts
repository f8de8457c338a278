import { describe, expect, it } from "vitest";
import { policiesDocument, statusDocument } from "../telemetry/server/documents.ts";
import { policyStatus, STATUS } from "../telemetry/testing/agent.ts";
import { readAgentStatus, readPolicyStatuses } from "./read-answers.ts";

const overTheWire = (value: object): unknown => JSON.parse(JSON.stringify(value));

describe("what agents answer", () => {
  it("is read", () => {
    expect(readAgentStatus(overTheWire(statusDocument(STATUS)))).toMatchObject(STATUS);
    const policies = [policyStatus("NetworkPolicy shop/db")];
    expect(readPolicyStatuses(overTheWire(policiesDocument("n1", policies)))).toEqual(policies);
  });

  it.each([
    ["a list", []],
    ["nothing", null],
    ["something else", { kind: "Status" }],
    ["a status without counts", { ...STATUS, counts: undefined }],
    ["a status whose troubles have no words", { ...STATUS, troubles: [{ code: "x" }] }],
  ])("is not %s", (_, value) => {
    expect(readAgentStatus(value)).toBeUndefined();
  });

  it.each([
    ["nothing", { policies: null }],
    ["an entry without pods", { policies: [{ policy: "x", troubles: [] }] }],
    ["a version without a uid", { policies: [{ ...policyStatus("x"), seen: { resourceVersion: "1" } }] }],
  ])("is of policies not %s", (_, value) => {
    expect(readPolicyStatuses(value)).toBeUndefined();
  });
});
