import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { PolicyVersion } from "../source/kube/policy-version.ts";
import { createPolicyTroubles, type PolicyTroubles } from "./policy-troubles.ts";
import type { PolicyTrouble } from "./telemetry/events/policy-events.ts";

const DB = "NetworkPolicy shop/db";
const BROKEN: PolicyTrouble = { reason: "PolicyNotUnderstood", message: "no such field" };

let wrong: Map<string, PolicyTrouble>;
let versions: Map<string, PolicyVersion>;
let heard: string[];
let troubles: PolicyTroubles;

beforeEach(() => {
  vi.useFakeTimers();
  wrong = new Map();
  versions = new Map([[DB, { uid: "u1", generation: 1, resourceVersion: "1" }]]);
  heard = [];
  troubles = createPolicyTroubles({
    events: {
      report: ({ kind, name, generation }, trouble) =>
        heard.push(`${kind} ${name} ${generation}: ${trouble?.message ?? "well"}`),
      gone: (policy) => heard.push(`gone: ${policy}`),
    },
    current: () => wrong,
    version: (policy) => versions.get(policy),
    delayMillis: 10,
  });
});
afterEach(() => vi.useRealTimers());

function look(): string[] {
  heard.length = 0;
  troubles.touch();
  troubles.touch();
  vi.advanceTimersByTime(10);
  return heard;
}

it("tells what is wrong once, and again for another generation or another reason", () => {
  expect(look()).toEqual([]);
  wrong.set(DB, BROKEN);
  expect(look()).toEqual(["NetworkPolicy db 1: no such field"]);
  expect(look()).toEqual([]);
  versions.set(DB, { uid: "u1", generation: 2, resourceVersion: "2" });
  expect(look()).toEqual(["NetworkPolicy db 2: no such field"]);
  wrong.set(DB, { ...BROKEN, message: "another" });
  expect(look()).toEqual(["NetworkPolicy db 2: another"]);
});

it("tells that it is well again, once", () => {
  wrong.set(DB, BROKEN);
  look();
  wrong.clear();
  expect(look()).toEqual(["NetworkPolicy db 1: well"]);
  expect(look()).toEqual([]);
});

it("tells that it is gone, also where another has come in its place", () => {
  wrong.set(DB, BROKEN);
  look();
  versions.set(DB, { uid: "u2", generation: 1, resourceVersion: "9" });
  expect(look()).toEqual([`gone: ${DB}`, "NetworkPolicy db 1: no such field"]);
  versions.delete(DB);
  wrong.clear();
  expect(look()).toEqual([`gone: ${DB}`]);
});

it("is silent after its end", () => {
  wrong.set(DB, BROKEN);
  troubles.touch();
  troubles.close();
  vi.advanceTimersByTime(100);
  expect(heard).toEqual([]);
});
