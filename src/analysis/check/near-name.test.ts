import { describe, expect, it } from "vitest";
import { nearName } from "./near-name.ts";

describe("the name that was probably meant", () => {
  it.each([
    ["mointoring", "monitoring"],
    ["shpo-prod", "shop-prod"],
    ["ingressnginx", "ingress-nginx"],
    ["server", "sever"],
    ["orders", "order"],
    ["Payments", "payments"],
    ["label-printer", "label-print"],
    ["osp", "ops"],
  ])("%s is close to %s", (name, candidate) => {
    expect(nearName(name, ["other", candidate])).toBe(candidate);
  });

  it.each([
    ["team-a", "team-b"],
    ["web1", "web2"],
    ["shop-dev", "shop-prod"],
    ["api", "app"],
    ["worker", "broker"],
    ["shard-a", "shard-b"],
    ["orders-api", "orders-app"],
    ["shop", "shop-dev"],
    ["same", "same"],
    ["frontend", "backend"],
  ])("%s and %s are two names", (name, candidate) => {
    expect(nearName(name, [candidate])).toBeUndefined();
  });
});
