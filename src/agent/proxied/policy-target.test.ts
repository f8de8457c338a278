import { describe, expect, it } from "vitest";
import type { PolicyVersion } from "../agent-status.ts";
import { isAtLeast } from "./policy-target.ts";

const version = (resourceVersion: string, generation?: number, uid = "u"): PolicyVersion => ({
  uid,
  resourceVersion,
  ...(generation === undefined ? {} : { generation }),
});

describe("isAtLeast", () => {
  it.each<[string, PolicyVersion, PolicyVersion, boolean]>([
    ["the same", version("9", 2), version("9", 2), true],
    ["a later one", version("10", 2), version("9", 2), true],
    ["an older one", version("9", 2), version("10", 2), false],
    [
      "an older one of another length",
      version("99999999999999999998"),
      version("99999999999999999999"),
      false,
    ],
    ["a later one of another object", version("10", 2, "other"), version("9", 2), false],
    ["a later generation, of a store without numbers", version("b", 3), version("a", 2), true],
    [
      "the same generation there, which tells nothing of annotations",
      version("b", 2),
      version("a", 2),
      false,
    ],
    ["no generation there", version("b"), version("a"), false],
  ])("compares %s", (_, have, want, expected) => {
    expect(isAtLeast(have, want)).toBe(expected);
  });
});
