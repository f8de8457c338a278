import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { LabelSelectorRequirement, Labels } from "../k8s/objects.ts";
import { meetsRequirement } from "../k8s/selector.ts";
import { constraintsOf, entails, exampleLabels, otherThan } from "./label-constraint.ts";

const VALUES = ["a", "b", "any"];

/** Every way of giving labels x and y one of a few values, or none. */
const EVERY_LABELS: Labels[] = [undefined, ...VALUES, "any-2"].flatMap((x) =>
  [undefined, ...VALUES, "any-2"].map((y) => ({
    ...(x === undefined ? {} : { x }),
    ...(y === undefined ? {} : { y }),
  })),
);

const requirement: fc.Arbitrary<LabelSelectorRequirement> = fc.oneof(
  fc.record({
    key: fc.constantFrom("x", "y"),
    operator: fc.constantFrom("In" as const, "NotIn" as const),
    values: fc.subarray(VALUES, { minLength: 1 }),
  }),
  fc.record({
    key: fc.constantFrom("x", "y"),
    operator: fc.constantFrom("Exists" as const, "DoesNotExist" as const),
  }),
);

const requirements = fc.array(requirement, { maxLength: 4 });

function meetsAll(all: readonly LabelSelectorRequirement[], labels: Labels): boolean {
  return all.every((each) => meetsRequirement(each, labels));
}

describe("constraints of requirements", () => {
  it("are none just where no labels meet all of them", () => {
    fc.assert(
      fc.property(requirements, (all) => {
        const possible = EVERY_LABELS.some((labels) => meetsAll(all, labels));
        expect(constraintsOf(all) !== undefined).toBe(possible);
      }),
    );
  });

  it("have an example that meets them", () => {
    fc.assert(
      fc.property(requirements, (all) => {
        const constraints = constraintsOf(all);
        fc.pre(constraints !== undefined);
        expect(meetsAll(all, exampleLabels(constraints))).toBe(true);
      }),
    );
  });

  it("entail just what holds wherever they do", () => {
    fc.assert(
      fc.property(requirements, requirement, (all, asked) => {
        const constraints = constraintsOf(all);
        fc.pre(constraints !== undefined);
        const always = EVERY_LABELS.filter((labels) => meetsAll(all, labels)).every((labels) =>
          meetsRequirement(asked, labels),
        );
        expect(entails(constraints, asked)).toBe(always);
      }),
    );
  });
});

it("finds a value that is not taken", () => {
  expect(otherThan(new Set())).toBe("any");
  expect(otherThan(new Set(["any", "any-2"]))).toBe("any-3");
});
