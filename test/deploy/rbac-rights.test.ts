import { describe, expect, it } from "vitest";
import { rightsOf, rightsUsed, rulesUsed } from "./rbac-rights.ts";

const REQUESTS = [
  { verb: "list", path: "/api/v1/pods?limit=500" },
  { verb: "watch", path: "/api/v1/pods" },
  { verb: "list", path: "/api/v1/namespaces" },
  { verb: "watch", path: "/api/v1/namespaces" },
  { verb: "list", path: "/apis/networking.k8s.io/v1/namespaces/shop/networkpolicies" },
  { verb: "create", path: "/api/v1/namespaces/shop/events" },
  { verb: "get", path: "/api/v1/namespaces/shop" },
  { verb: "get", path: "/api/v1/namespaces/shop/pods/web:9643/proxy/v1/status" },
  ...["/apis", "/api", "/apis/networking.k8s.io", "/apis/policy.networking.k8s.io/v1alpha2", "/version"].map(
    (path) => ({ verb: "get", path }),
  ),
];

describe("rights that requests need", () => {
  it("are a verb and a resource each", () => {
    expect(rightsUsed(REQUESTS)).toEqual([
      "create events",
      "get namespaces",
      "get pods/proxy",
      "list namespaces",
      "list networkpolicies.networking.k8s.io",
      "list pods",
      "watch namespaces",
      "watch pods",
    ]);
  });

  it("are the same as rules", () => {
    const rules = rulesUsed(REQUESTS);
    expect(rightsOf(rules)).toEqual(rightsUsed(REQUESTS));
    expect(rules).toContainEqual({
      apiGroups: ["networking.k8s.io"],
      resources: ["networkpolicies"],
      verbs: ["list"],
    });
  });
});
