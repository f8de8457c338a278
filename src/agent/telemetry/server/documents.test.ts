import { readFileSync } from "node:fs";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";
import type { AgentStatus, AgentTrouble } from "../../agent-status.ts";
import { policyStatus, STATUS } from "../testing/agent.ts";
import { AGENT_PHASES, RESOURCE_STATES, TROUBLE_CODES } from "../view-gauges.ts";
import { policiesDocument, statusDocument } from "./documents.ts";

function validator(name: string): ValidateFunction {
  const file = new URL(`../../../../schemas/podwall.${name}.v1.schema.json`, import.meta.url);
  return new Ajv2020({ strict: true, strictRequired: false, allErrors: true }).compile(
    JSON.parse(readFileSync(file, "utf8")),
  );
}

/** What a reader gets is what went through JSON. */
function errorsOf(validate: ValidateFunction, document: unknown): unknown[] {
  validate(JSON.parse(JSON.stringify(document)));
  return validate.errors ?? [];
}

/** As little, and as much, as an agent can say. */
const LEAST: AgentStatus = {
  ...STATUS,
  source: { ...STATUS.source, synced: false, resources: [] },
  enforcement: { seenGeneration: 0, programmedGeneration: 0, lagMillis: 0, closedPods: [] },
  verification: { differences: 0, repairs: 0 },
};
const trouble = (code: AgentTrouble["code"]): AgentTrouble => ({ code, blocksReady: false, message: "m" });
const [pods] = STATUS.source.resources;
const MOST: AgentStatus = {
  ...STATUS,
  ready: false,
  troubles: [
    ...TROUBLE_CODES.map(trouble),
    { ...trouble("policy-not-understood"), policy: "NetworkPolicy shop/db" },
  ],
  source: {
    ...STATUS.source,
    resources: RESOURCE_STATES.map((state) => ({ ...pods!, state, error: "no connection", help: "wait" })),
  },
  enforcement: { ...STATUS.enforcement, lagMillis: 12.75, closedPods: ["shop/db-0"] },
};

describe("podwall.status/v1", () => {
  const validate = validator("status");
  it("holds of the least and the most that an agent says, and in every phase", () => {
    for (const phase of AGENT_PHASES) {
      for (const status of [LEAST, STATUS, MOST]) {
        expect(errorsOf(validate, statusDocument({ ...status, phase }))).toEqual([]);
      }
    }
  });

  it("refuses what it does not know", () => {
    const document = statusDocument(STATUS);
    for (const other of [
      { extra: 1 },
      { phase: "gone" },
      { now: "2030-01-01T00:01:00Z" },
      { troubles: [{ ...trouble("bridge"), code: "moon" }] },
      { counts: { ...STATUS.counts, pods: -1 } },
      { enforcement: { ...STATUS.enforcement, closedPods: undefined } },
      { source: { ...STATUS.source, resources: [{ ...pods, state: "asleep" }] } },
    ]) {
      expect([other, errorsOf(validate, { ...document, ...other }).length]).toEqual([other, 1]);
    }
  });
});

describe("podwall.policies/v1", () => {
  const validate = validator("policies");
  const version = { uid: "u", resourceVersion: "7" };
  it("holds of every kind of policy, on its way in and out", () => {
    const names = [
      "NetworkPolicy shop/db.v-2",
      "ClusterNetworkPolicy a",
      "BaselineAdminNetworkPolicy default",
    ];
    const policies = [
      ...names.map((name) => policyStatus(name)),
      policyStatus("NetworkPolicy shop/a", { seen: version, audited: true, troubles: ["endPort is wrong"] }),
    ];
    const { seen: _, ...leaving } = policyStatus("NetworkPolicy shop/a");
    const { enforced: __, ...coming } = policyStatus("NetworkPolicy shop/a");
    const all = [...policies, leaving, coming];
    expect(errorsOf(validate, policiesDocument("n1", all))).toEqual([]);
    expect(errorsOf(validate, policiesDocument("n1", all, "NetworkPolicy shop/none"))).toEqual([]);
  });

  it("refuses what it does not know", () => {
    const one = policyStatus("NetworkPolicy shop/db");
    for (const other of [
      { extra: 1 },
      { policy: "shop/db" },
      { localPods: 0.5 },
      { troubles: undefined },
      { seen: { uid: "u" } },
    ]) {
      const document = { ...policiesDocument("n1", []), policies: [{ ...one, ...other }] };
      expect([other, errorsOf(validate, document).length]).toEqual([other, 1]);
    }
  });
});
