import { describe, expect, it } from "vitest";
import type { LabelSelector, Labels } from "../k8s/objects.ts";
import { selectorMatches } from "../k8s/selector.ts";
import { hasBit } from "../net/bitset.ts";
import { labelIndex } from "./label-index.ts";

const LISTS: readonly Labels[] = [
  {},
  { app: "web" },
  { app: "db", disk: "ssd" },
  { app: "", disk: "hdd" },
  { constructor: "x", __proto__: "y" } as Labels,
  ...Array.from({ length: 40 }, (_, i) => ({ n: String(i), ...(i % 3 === 0 && { app: "web" }) })),
];

const requirement = (
  key: string,
  operator: "In" | "NotIn" | "Exists" | "DoesNotExist",
  ...values: string[]
) => ({
  key,
  operator,
  ...(values.length > 0 && { values }),
});

describe("the label index", () => {
  const select = labelIndex(LISTS);

  it.each<LabelSelector>([
    {},
    { matchLabels: { app: "web" } },
    { matchLabels: { app: "web", n: "3" } },
    { matchLabels: { app: "" } },
    { matchLabels: { none: "x" } },
    { matchLabels: { constructor: "x" } },
    { matchExpressions: [requirement("app", "In", "web", "db")] },
    { matchExpressions: [requirement("app", "NotIn", "web", "db")] },
    { matchExpressions: [requirement("toString", "NotIn", "web")] },
    { matchExpressions: [requirement("disk", "Exists")] },
    { matchExpressions: [requirement("disk", "DoesNotExist")] },
    { matchLabels: { app: "db" }, matchExpressions: [requirement("disk", "NotIn", "hdd")] },
    { matchExpressions: [requirement("n", "Exists"), requirement("app", "DoesNotExist")] },
  ])("matches what the selector %j matches", (selector) => {
    const bits = select(selector);
    expect(LISTS.map((_, i) => hasBit(bits, i))).toEqual(
      LISTS.map((labels) => selectorMatches(selector, labels)),
    );
  });

  it("has no bit beyond the list", () => {
    expect([...labelIndex([{}, {}])({})]).toEqual([3]);
    expect([...labelIndex([])({})]).toEqual([]);
  });
});
