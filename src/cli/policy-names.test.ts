import { describe, expect, it } from "vitest";
import { policyIdOf } from "../agent/proxied/policy-target.ts";
import { parsePolicyNames } from "./policy-names.ts";

const ids = (...words: string[]): string[] => parsePolicyNames(words, "shop").map(policyIdOf);

describe("parsePolicyNames", () => {
  it.each([
    ["netpol/db"],
    ["networkpolicy/db"],
    ["networkpolicies/db"],
    ["NetworkPolicy/db"],
    ["networkpolicies.networking.k8s.io/db"],
    ["networkpolicies.v1.networking.k8s.io/db"],
    ["netpol", "db"],
  ])("takes %s %s as kubectl does", (...words) => {
    expect(ids(...words)).toEqual(["NetworkPolicy shop/db"]);
  });

  it("takes several, of several kinds", () => {
    expect(ids("netpol", "db", "web")).toEqual(["NetworkPolicy shop/db", "NetworkPolicy shop/web"]);
    expect(ids("netpol/db", "cnp/all", "anp/x", "banp/default")).toEqual([
      "NetworkPolicy shop/db",
      "ClusterNetworkPolicy all",
      "AdminNetworkPolicy x",
      "BaselineAdminNetworkPolicy default",
    ]);
  });

  it.each([
    [["netpol"], "netpol: which one? Write as in netpol/NAME"],
    [["netpol/db", "web"], "web: there is no kind in it"],
    [["netpol/shop/db"], "name the namespace apart: -n shop netpol/db"],
    [["netpol/"], "netpol/: cannot read this"],
    [["a/b/c/d"], "a/b/c/d: cannot read this"],
    [["networkpolcy/db"], "no kind of policy that podwall enforces. Did you mean networkpolicy?"],
    [["pods/db"], "pods: no kind of policy that podwall enforces\n"],
    [
      ["networkpolicies.crd.projectcalico.org/db"],
      "podwall knows NetworkPolicy of networking.k8s.io/v1 only",
    ],
  ])("refuses %j", (words, message) => {
    expect(() => ids(...words)).toThrow(message);
  });
});
