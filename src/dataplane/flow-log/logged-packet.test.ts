import { describe, expect, it } from "vitest";
import { type LogVerdict, logStatement } from "../compile/frame.ts";
import { DEFAULT_ENFORCEMENT } from "../config.ts";
import { logPrefix, readPrefix } from "./logged-packet.ts";

describe("readPrefix", () => {
  it.each([
    ["deny", "denied"],
    ["audit", "audited"],
    ["allow", "allowed"],
    ["birth", "closed-at-birth"],
  ] as const)("knows what rules log as %s", (word: LogVerdict, verdict) => {
    for (const direction of ["ingress", "egress"] as const) {
      const prefix = /prefix "([^"]*)"/.exec(logStatement(DEFAULT_ENFORCEMENT, word, direction))![1]!;
      expect(readPrefix(prefix)).toEqual({ verdict, direction });
      expect(logPrefix({ verdict, direction })).toBe(prefix);
    }
  });

  it("knows no others", () => {
    for (const prefix of ["", "podwall", "podwall deny", "podwall deny ingress ", "DENY ingress"]) {
      expect(readPrefix(prefix)).toBeUndefined();
    }
  });
});
