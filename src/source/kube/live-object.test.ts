import { describe, expect, it } from "vitest";
import { parseLive } from "./live-object.ts";
import { NETWORK_POLICIES, NODES } from "./resource.ts";

describe("an object of a running cluster", () => {
  it("is audited where its annotation says so", () => {
    const item = {
      metadata: {
        name: "db",
        namespace: "shop",
        annotations: { "podwall.io/mode": "audit", "kubectl.kubernetes.io/last-applied-configuration": "{}" },
      },
      spec: { podSelector: {} },
    };
    const { objects, findings } = parseLive(item, NETWORK_POLICIES, "prod");
    expect(findings).toEqual([]);
    expect(objects).toMatchObject([{ kind: "NetworkPolicy", audit: true, broken: false }]);
  });

  it("keeps which findings about it are meant to be", () => {
    const annotations = { "podwall.io/ignore": "ignored-rules: next week", note: "x" };
    const item = { metadata: { name: "db", namespace: "shop", annotations }, spec: { podSelector: {} } };
    expect(parseLive(item, NETWORK_POLICIES, "prod").objects).toMatchObject([
      { ignore: "ignored-rules: next week" },
    ]);
  });

  it("is not audited with other annotations, nor with a mode that is none", () => {
    const policy = (annotations: object): ReturnType<typeof parseLive> =>
      parseLive(
        { metadata: { name: "db", annotations }, spec: { podSelector: {} } },
        NETWORK_POLICIES,
        "prod",
      );
    expect(policy({ note: "audit" }).objects[0]).not.toHaveProperty("audit");
    const wrong = policy({ "podwall.io/mode": "Audit" });
    expect(wrong.objects[0]).not.toHaveProperty("audit");
    expect(wrong.findings).toMatchObject([
      { code: "unknown-value", position: { file: "prod:networkpolicies/db" } },
    ]);
  });

  it("that is a node tells its pod blocks", () => {
    const item = { metadata: { name: "n" }, spec: { podCIDR: "10.1.0.0/24", podCIDRs: ["10.1.0.0/24"] } };
    expect(parseLive(item, NODES, "prod").objects).toMatchObject([{ podCidrs: ["10.1.0.0/24"] }]);
  });
});
