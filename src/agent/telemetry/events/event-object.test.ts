import { describe, expect, it } from "vitest";
import { eventObject } from "./event-object.ts";
import { eventPolicy } from "./event-policy.ts";

const named = (name: string): string =>
  eventObject(
    eventPolicy(`ClusterNetworkPolicy ${name}`, { uid: "u", resourceVersion: "1" }),
    "PolicyNotEnforced",
    "m",
    "n1",
  ).metadata.name;

describe("eventObject", () => {
  it("has a name that the API server takes, however long that of the policy is", () => {
    for (const name of [
      "a",
      "x".repeat(253),
      `${"x".repeat(235)}-${"y".repeat(17)}`,
      `${"x".repeat(234)}.-b`,
    ]) {
      expect(named(name)).toMatch(
        /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/,
      );
    }
  });

  it("shortens a message to what an event may hold, between characters", () => {
    const policy = eventPolicy("NetworkPolicy shop/db", { uid: "u", resourceVersion: "1" });
    for (const text of ["x".repeat(5000), `x${"é".repeat(2500)}`, `xx${"\u{1f9f1}".repeat(1000)}`]) {
      const { message } = eventObject(policy, "PolicyNotEnforced", text, "n1");
      expect(Buffer.byteLength(message)).toBeLessThanOrEqual(1024);
      expect(message).toMatch(/podwall status tells all of it\)$/);
      expect(message).not.toContain("\uFFFD");
    }
    const short = "é".repeat(512);
    expect(eventObject(policy, "PolicyNotEnforced", short, "n1").message).toBe(short);
  });
});
