import { describe, expect, it } from "vitest";
import { DEFAULT_ENFORCEMENT } from "../dataplane/config.ts";
import { enforcementOf, type LabOptions } from "./lab-options.ts";

const DEFAULTS: LabOptions = { nodes: 1, deny: "drop", closedAtBirth: true, output: "text" };

describe("the enforcement that options ask for", () => {
  it("is the default one without any, but for flows that nobody reads", () => {
    expect(enforcementOf(DEFAULTS)).toEqual({ ...DEFAULT_ENFORCEMENT, flows: "none" });
  });

  it("takes each of them", () => {
    expect(
      enforcementOf({ ...DEFAULTS, deny: "reject", audit: true, flows: "all", closedAtBirth: false }),
    ).toEqual({ ...DEFAULT_ENFORCEMENT, deny: "reject", audit: true, flows: "all", closedAtBirth: false });
  });
});
