import { describe, expect, it } from "vitest";
import { namespaceObject, podObject, policyObject, workloadObject } from "../../cluster/objects.fixture.ts";
import { appliedObjects } from "./applied-objects.ts";
import { objectKey } from "./object-sides.ts";

const web = podObject("web-1-x", {
  labels: { app: "web", "pod-template-hash": "1" },
  ports: [{ name: "http", port: 80, protocol: "TCP" }],
  controller: { kind: "ReplicaSet", name: "web-1" },
  addresses: ["10.0.0.1"],
});
const deployment = (labels: Record<string, string>, port = 80) =>
  workloadObject("Deployment", "web", {
    template: { labels, ports: [{ name: "http", port, protocol: "TCP" }], hostNetwork: false },
  });
const keysAfter = (...args: Parameters<typeof appliedObjects>): string[] =>
  appliedObjects(...args)
    .objects.map(objectKey)
    .sort();

describe("pods of an applied workload", () => {
  it("stay while they are what its template makes, with labels of controllers on top", () => {
    expect(keysAfter([web], [deployment({ app: "web" })])).toContain("Pod shop/web-1-x");
  });

  it.each([
    ["label", deployment({ app: "site" })],
    ["port", deployment({ app: "web" }, 8080)],
  ])("are replaced where a %s is another", (_, changed) => {
    expect(keysAfter([web], [changed])).toEqual(["Deployment shop/web"]);
  });
});

describe("policies of the cluster", () => {
  const ours = policyObject("ours");
  const live = [
    policyObject("ours", { ingress: [{}] }),
    policyObject("other"),
    { ...policyObject("far"), namespace: "far" },
  ];

  it("are replaced by namesakes, and stay otherwise", () => {
    const applied = appliedObjects(live, [ours]);
    expect(applied.others).toBe(1);
    expect(applied.objects).toEqual([live[1], live[2], ours]);
  });

  it("go with prune, where the manifests have policies", () => {
    const applied = appliedObjects(live, [ours], true);
    expect(applied.others).toBe(1);
    expect(applied.objects).toEqual([live[2], ours]);
  });
});

it("adds labels to namespaces", () => {
  const { objects } = appliedObjects(
    [namespaceObject("shop", { a: "1", b: "1" })],
    [namespaceObject("shop", { b: "2" })],
  );
  expect(objects).toEqual([namespaceObject("shop", { a: "1", b: "2" })]);
});
