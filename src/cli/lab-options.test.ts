import { describe, expect, it } from "vitest";
import { DEFAULT_ENFORCEMENT } from "../dataplane/config.ts";
import { enforcementOf, type LabOptions, withFlowsValue } from "./lab-options.ts";

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

describe("--flows without a value", () => {
  it.each([
    ["lab --flows examples/shop", "lab --flows=denied examples/shop"],
    ["lab --flows=all examples/shop", "lab --flows=all examples/shop"],
    ["lab --keep . --flows", "lab --keep . --flows=denied"],
    ["lab -- --flows", "lab -- --flows"],
    ["lab exec shop/db -- ip --flows", "lab exec shop/db -- ip --flows"],
    ["map --flows", "map --flows"],
  ])("%s is %s", (written, meant) => {
    expect(withFlowsValue(written.split(" ")).join(" ")).toBe(meant);
  });
});
