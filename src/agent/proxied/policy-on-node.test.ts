import { describe, expect, it } from "vitest";
import type { PolicyStatus, PolicyVersion } from "../agent-status.ts";
import { policyStatus, STATUS } from "../telemetry/testing/agent.ts";
import { isDone, type PolicyNodeState, policyOnNode, type Wanted } from "./policy-on-node.ts";

const DB = "NetworkPolicy shop/db";
const OLD: PolicyVersion = { uid: "u", generation: 1, resourceVersion: "10" };
const NEW: PolicyVersion = { uid: "u", generation: 2, resourceVersion: "20" };
const OTHER: PolicyVersion = { uid: "other", generation: 1, resourceVersion: "30" };
const wanted: Wanted = { kind: "enforced", version: NEW };

/** `undefined` of a version is that nothing is there. */
const entry = (
  enforced: PolicyVersion | undefined,
  seen: PolicyVersion | undefined,
  rest: Partial<PolicyStatus> = {},
): PolicyStatus => {
  const { enforced: _, seen: __, ...base } = policyStatus(DB, rest);
  return { ...base, ...(enforced && { enforced }), ...(seen && { seen }) };
};

describe("a policy that is to be enforced", () => {
  it.each<[string, PolicyStatus | undefined, PolicyNodeState]>([
    ["is in force", entry(NEW, NEW), "enforced"],
    ["has been changed again", entry(OTHER, OTHER), "behind"],
    ["is seen, not in force", entry(OLD, NEW), "behind"],
    ["is seen, and nothing of it in force", entry(undefined, NEW), "behind"],
    ["is not seen in this version", entry(OLD, OLD), "behind"],
    ["is not seen at all", undefined, "behind"],
    ["is thought to be deleted", entry(NEW, undefined), "behind"],
    ["selects no pod", entry(NEW, NEW, { localPods: 0 }), "nothing-to-do"],
    ["selected no pod as it was", entry(OLD, OLD, { localPods: 0 }), "behind"],
    ["selects no pod any more, which is not in force", entry(OLD, NEW, { localPods: 0 }), "behind"],
    ["is broken", entry(NEW, NEW, { troubles: ["no such port"] }), "troubled"],
  ])("%s", (_, policy, state) => {
    expect(policyOnNode("n1", wanted, policy, STATUS).state).toBe(state);
  });

  it("is not known of an agent that is not ready, whatever it says", () => {
    const status = {
      ...STATUS,
      ready: false,
      troubles: [
        { code: "state", blocksReady: false, message: "the disk is full" },
        { code: "kernel", blocksReady: true, message: "nft fails" },
      ],
    } as const;
    expect(policyOnNode("n1", wanted, entry(NEW, NEW), status)).toMatchObject({
      state: "not-ready",
      messages: ["nft fails"],
    });
    expect(policyOnNode("n1", wanted, entry(NEW, NEW), { ...STATUS, ready: false }).messages).toEqual([
      "its agent is not ready (following)",
    ]);
  });
});

describe("a policy that is to go", () => {
  it.each<[string, string | undefined, PolicyStatus | undefined, PolicyNodeState]>([
    ["is unknown", undefined, undefined, "gone"],
    ["is in force", undefined, entry(NEW, undefined), "still-enforced"],
    ["is in force, by its uid", "u", entry(NEW, NEW), "still-enforced"],
    ["has a namesake in force", "u", entry(OTHER, OTHER), "gone"],
    ["has a namesake that is seen only", "u", entry(undefined, OTHER), "gone"],
  ])("%s", (_, uid, policy, state) => {
    expect(policyOnNode("n1", { kind: "gone", uid }, policy, STATUS).state).toBe(state);
  });
});

it("waits for nothing where all is as wanted", () => {
  const done = (policy: PolicyStatus): boolean => isDone(policyOnNode("n1", wanted, policy, STATUS));
  expect([entry(NEW, NEW), entry(OLD, NEW), entry(NEW, NEW, { troubles: ["x"] })].map(done)).toEqual([
    true,
    false,
    false,
  ]);
});
