import { describe, expect, it } from "vitest";
import { selectorMatches } from "./selector.ts";

const one = (operator: string, values: string[] | undefined, labels: Record<string, string>) =>
  selectorMatches({ matchExpressions: [{ key: "app", operator, ...(values ? { values } : {}) }] }, labels);

describe("selectorMatches", () => {
  it("matches everything when empty", () => {
    expect(selectorMatches({}, {})).toBe(true);
    expect(selectorMatches({ matchLabels: {}, matchExpressions: [] }, { app: "a" })).toBe(true);
  });

  it("wants every label and every expression", () => {
    const selector = {
      matchLabels: { app: "a", tier: "b" },
      matchExpressions: [{ key: "env", operator: "Exists" }],
    };
    expect(selectorMatches(selector, { app: "a", tier: "b", env: "" })).toBe(true);
    expect(selectorMatches(selector, { app: "a", tier: "c", env: "" })).toBe(false);
    expect(selectorMatches(selector, { app: "a", tier: "b" })).toBe(false);
  });

  it("In: one of the values", () => {
    expect(one("In", ["a", "b"], { app: "b" })).toBe(true);
    expect(one("In", ["a", "b"], { app: "c" })).toBe(false);
    expect(one("In", [""], {})).toBe(false);
  });

  it("NotIn: true where the key is absent", () => {
    expect(one("NotIn", ["a"], { app: "a" })).toBe(false);
    expect(one("NotIn", ["a"], { app: "b" })).toBe(true);
    expect(one("NotIn", ["a"], {})).toBe(true);
  });

  it("Exists and DoesNotExist: an empty value is a value", () => {
    expect(one("Exists", undefined, { app: "" })).toBe(true);
    expect(one("Exists", undefined, {})).toBe(false);
    expect(one("DoesNotExist", undefined, { app: "" })).toBe(false);
    expect(one("DoesNotExist", [], {})).toBe(true);
  });

  it("an empty label value is not an absent label", () => {
    expect(selectorMatches({ matchLabels: { app: "" } }, { app: "" })).toBe(true);
    expect(selectorMatches({ matchLabels: { app: "" } }, {})).toBe(false);
  });

  it("knows no labels that objects inherit", () => {
    expect(selectorMatches({ matchExpressions: [{ key: "constructor", operator: "Exists" }] }, {})).toBe(
      false,
    );
  });

  it("refuses what the API server refuses", () => {
    expect(() => one("Matches", ["a"], {})).toThrow(/API server refuses/);
    expect(() => one("In", [], {})).toThrow(/API server refuses/);
    expect(() => one("Exists", ["a"], {})).toThrow(/API server refuses/);
  });
});
