import { describe, expect, it } from "vitest";
import type { LabelSelector, LabelSelectorRequirement, Labels } from "./objects.ts";
import { formatSelector, selectorKey, selectorMatches } from "./selector.ts";

const expression = (
  key: string,
  operator: LabelSelectorRequirement["operator"],
  ...values: string[]
): LabelSelector => ({ matchExpressions: [{ key, operator, values }] });

describe("selectorMatches", () => {
  it.each<[LabelSelector, Labels, boolean]>([
    [{}, {}, true],
    [{ matchLabels: {}, matchExpressions: [] }, { app: "db" }, true],
    [{ matchLabels: { app: "db" } }, { app: "db", tier: "x" }, true],
    [{ matchLabels: { app: "db" } }, { app: "DB" }, false],
    [{ matchLabels: { app: "" } }, { app: "" }, true],
    [{ matchLabels: { app: "" } }, {}, false],
    [expression("app", "In", "db", "web"), { app: "web" }, true],
    [expression("app", "In", "db", "web"), {}, false],
    [expression("app", "NotIn", "db"), { app: "db" }, false],
    [expression("app", "NotIn", "db"), { app: "web" }, true],
    [expression("app", "NotIn", "db"), {}, true],
    [expression("app", "Exists"), { app: "" }, true],
    [expression("app", "Exists"), {}, false],
    [expression("app", "DoesNotExist"), {}, true],
    [expression("app", "DoesNotExist"), { app: "" }, false],
    // Keys that plain objects have by nature are no labels.
    [expression("constructor", "Exists"), {}, false],
    [expression("toString", "DoesNotExist"), {}, true],
  ])("%j on %j: %s", (selector, labels, expected) => {
    expect(selectorMatches(selector, labels)).toBe(expected);
  });

  it("wants every requirement", () => {
    const selector = { matchLabels: { app: "db" }, ...expression("tier", "NotIn", "old") };
    expect(selectorMatches(selector, { app: "db" })).toBe(true);
    expect(selectorMatches(selector, { app: "db", tier: "old" })).toBe(false);
    expect(selectorMatches(selector, { tier: "new" })).toBe(false);
  });
});

describe("selectorKey", () => {
  it("is one text for one meaning", () => {
    const written: LabelSelector = {
      matchLabels: { a: "1", b: "2" },
      ...expression("c", "In", "y", "x", "x"),
    };
    const otherwise: LabelSelector = {
      matchLabels: { b: "2" },
      matchExpressions: [
        { key: "c", operator: "In", values: ["x", "y"] },
        { key: "a", operator: "In", values: ["1"] },
      ],
    };
    expect(selectorKey(written)).toBe(selectorKey(otherwise));
    expect(selectorKey(written)).not.toBe(selectorKey({ matchLabels: { a: "1", b: "2" } }));
    expect(selectorKey(expression("a", "In", "1"))).not.toBe(selectorKey(expression("a", "NotIn", "1")));
  });
});

describe("formatSelector", () => {
  it.each<[LabelSelector, string]>([
    [{}, ""],
    [{ matchLabels: { server: "api", tier: "x" } }, "server=api, tier=x"],
    [expression("a", "In", "x", "y"), "a in (x, y)"],
    [expression("a", "NotIn", "x"), "a!=x"],
    [expression("a", "NotIn", "x", "y"), "a notin (x, y)"],
    [expression("a", "Exists"), "a (any value)"],
    [expression("a", "DoesNotExist"), "no label a"],
  ])("writes %j as %s", (selector, text) => {
    expect(formatSelector(selector)).toBe(text);
  });
});
