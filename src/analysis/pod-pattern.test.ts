import { describe, expect, it } from "vitest";
import type { ClusterNamespace } from "../cluster/cluster.ts";
import type { LabelSelector } from "../k8s/objects.ts";
import type { PodSelection } from "../policy/policy.ts";
import {
  EVERY_POD,
  isWithin,
  jointPattern,
  type PodPattern,
  patternExample,
  patternOf,
} from "./pod-pattern.ts";

const namespaces = new Map<string, ClusterNamespace>([
  ["shop", { name: "shop", labels: { team: "a", "kubernetes.io/metadata.name": "shop" } }],
]);

function inNamespace(name: string, pods: LabelSelector = {}): PodSelection {
  return { namespaces: { kind: "name", name }, pods };
}

function anywhere(selector: LabelSelector, pods: LabelSelector = {}): PodSelection {
  return { namespaces: { kind: "selector", selector }, pods };
}

function pattern(selection: PodSelection): PodPattern {
  const found = patternOf(selection, namespaces);
  if (found === undefined) throw new Error("nobody can be chosen");
  return found;
}

const teamA: LabelSelector = { matchLabels: { team: "a" } };
const named = (name: string): LabelSelector => ({ matchLabels: { "kubernetes.io/metadata.name": name } });

describe("a pattern", () => {
  it("is none where nobody can be chosen", () => {
    expect(
      patternOf(
        anywhere({ matchExpressions: [{ key: "kubernetes.io/metadata.name", operator: "DoesNotExist" }] }),
        namespaces,
      ),
    ).toBeUndefined();
    const never: LabelSelector = {
      matchLabels: { x: "a" },
      matchExpressions: [{ key: "x", operator: "DoesNotExist" }],
    };
    expect(patternOf(anywhere(never), namespaces)).toBeUndefined();
    expect(patternOf(inNamespace("shop", never), namespaces)).toBeUndefined();
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
    expect(isWithin(pattern(inner), outer)).toBe(expected);
  });

  it.each<[string, PodSelection, PodSelection, boolean]>([
    ["two names", inNamespace("shop"), inNamespace("ops"), false],
    ["a name and its labels", inNamespace("shop"), anywhere(teamA), true],
    ["a name and other labels", anywhere({ matchLabels: { team: "b" } }), inNamespace("shop"), false],
    ["two labels", anywhere(teamA), anywhere({ matchLabels: { team: "b" } }), false],
    ["labels of namespace and pod", anywhere(teamA), anywhere({}, { matchLabels: { app: "b" } }), true],
  ])("joins %s", (_, a, b, expected) => {
    const joint = jointPattern(pattern(a), pattern(b), namespaces);
    expect(joint !== undefined).toBe(expected);
    if (joint === undefined) return;
    expect(isWithin(joint, a)).toBe(true);
    expect(isWithin(joint, b)).toBe(true);
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
    expect(patternExample(pattern(selection), namespaces)).toEqual({
      namespace,
      namespaceLabels: { ...labels, "kubernetes.io/metadata.name": namespace },
      labels: {},
    });
  });
});
