import { expect, it } from "vitest";
import { requestInfo } from "./request-info.ts";

it.each([
  ["GET", "/api/v1/pods", false, "list", "pods"],
  ["GET", "/api/v1/pods", true, "watch", "pods"],
  ["GET", "/api/v1/namespaces", false, "list", "namespaces"],
  ["GET", "/api/v1/namespaces/shop", false, "get", "namespaces"],
  ["GET", "/api/v1/namespaces/shop/pods", false, "list", "pods"],
  ["GET", "/api/v1/namespaces/shop/pods/db/proxy/v1/status", false, "get", "pods/proxy"],
  ["GET", "/apis/networking.k8s.io/v1/networkpolicies", true, "watch", "networkpolicies"],
  ["POST", "/apis/events.k8s.io/v1/namespaces/shop/events", false, "create", "events"],
  ["GET", "/apis", false, "get", undefined],
  ["GET", "/apis/policy.networking.k8s.io", false, "get", undefined],
  ["GET", "/apis/policy.networking.k8s.io/v1alpha2", false, "get", undefined],
  ["GET", "/readyz", false, "get", undefined],
] as const)("%s %s (watch: %s) is to %s %s", (method, path, isWatch, verb, resource) => {
  expect(requestInfo(method, path, isWatch)).toEqual(resource === undefined ? { verb } : { verb, resource });
});
