import { describe, expect, it } from "vitest";
import type { ClusterNamespace } from "../cluster/cluster.ts";
import type { LabelSelector } from "../k8s/objects.ts";
import type { PodSelection } from "../policy/policy.ts";
import { createPatternBook, type PodPattern } from "./pod-pattern.ts";

const namespaces = new Map<string, ClusterNamespace>([
  ["shop", { name: "shop", labels: { team: "a", "kubernetes.io/metadata.name": "shop" } }],
]);

const book = createPatternBook(namespaces);
const EVERY_POD = anywhere({});

function inNamespace(name: string, pods: LabelSelector = {}): PodSelection {
  return { namespaces: { kind: "name", name }, pods };
}

function anywhere(selector: LabelSelector, pods: LabelSelector = {}): PodSelection {
  return { namespaces: { kind: "selector", selector }, pods };
}

function pattern(selection: PodSelection): PodPattern {
  const found = book.of(selection);
  if (found === undefined) throw new Error("nobody can be chosen");
  return found;
}

const teamA: LabelSelector = { matchLabels: { team: "a" } };
const named = (name: string): LabelSelector => ({ matchLabels: { "kubernetes.io/metadata.name": name } });

describe("a pattern", () => {
  it("is the same object as one that says the same", () => {
    const { matchLabels } = teamA;
    expect(pattern(anywhere({ matchLabels: { ...matchLabels } }))).toBe(pattern(anywhere(teamA)));
    expect(pattern(anywhere({}))).toBe(book.everyPod);
  });

  it("is none where nobody can be chosen", () => {
    expect(
      book.of(
        anywhere({ matchExpressions: [{ key: "kubernetes.io/metadata.name", operator: "DoesNotExist" }] }),
      ),
    ).toBeUndefined();
    const never: LabelSelector = {
      matchLabels: { x: "a" },
      matchExpressions: [{ key: "x", operator: "DoesNotExist" }],
    };
    expect(book.of(anywhere(never))).toBeUndefined();
    expect(book.of(inNamespace("shop", never))).toBeUndefined();
  });

  it.each<[string, PodSelection, PodSelection, boolean]>([
    ["every pod is not of a team", EVERY_POD, anywhere(teamA), false],
    ["a team's pods are pods", anywhere(teamA), EVERY_POD, true],
    ["a namespace's own labels count", inNamespace("shop"), anywhere(teamA), true],
    ["a namespace that is not there has its name only", inNamespace("ops"), anywhere(teamA), false],
    ["a namespace by its name label is that one", anywhere(named("shop")), inNamespace("shop"), true],
    ["it is no other", anywhere(named("ops")), inNamespace("shop"), false],
    ["one namespace is not another", inNamespace("ops"), inNamespace("shop"), false],
    ["pods need the label", inNamespace("shop"), inNamespace("shop", { matchLabels: { app: "a" } }), false],
  ])("%s", (_, inner, outer, expected) => {
    expect(book.isWithin(pattern(inner), pattern(outer))).toBe(expected);
  });

  it.each<[string, PodSelection, PodSelection, boolean]>([
    ["two names", inNamespace("shop"), inNamespace("ops"), false],
    ["a name and its labels", inNamespace("shop"), anywhere(teamA), true],
    ["a name and other labels", anywhere({ matchLabels: { team: "b" } }), inNamespace("shop"), false],
    ["two labels", anywhere(teamA), anywhere({ matchLabels: { team: "b" } }), false],
    ["labels of namespace and pod", anywhere(teamA), anywhere({}, { matchLabels: { app: "b" } }), true],
  ])("joins %s", (_, a, b, expected) => {
    const joint = book.joint(pattern(a), pattern(b));
    expect(joint !== undefined).toBe(expected);
    if (joint === undefined) return;
    expect(book.isWithin(joint, pattern(a))).toBe(true);
    expect(book.isWithin(joint, pattern(b))).toBe(true);
  });

  it.each<[PodSelection, string, object]>([
    [EVERY_POD, "new", {}],
    [anywhere(teamA), "new", { team: "a" }],
    [anywhere(named("ops")), "ops", {}],
    [anywhere(named("shop")), "shop", { team: "a" }],
    [
      anywhere({ ...named("shop"), matchExpressions: [{ key: "team", operator: "DoesNotExist" }] }),
      "shop",
      {},
    ],
    [inNamespace("shop"), "shop", { team: "a" }],
  ])("has an example: %j", (selection, namespace, labels) => {
    expect(book.example(pattern(selection))).toEqual({
      namespace,
      namespaceLabels: { ...labels, "kubernetes.io/metadata.name": namespace },
      labels: {},
    });
  });
});
