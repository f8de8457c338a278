import { describe, expect, it } from "vitest";
import { policyNeeds } from "./policy-needs.ts";

const named = { matchLabels: { "kubernetes.io/metadata.name": "shop" } };
const nameIn = {
  matchExpressions: [{ key: "kubernetes.io/metadata.name", operator: "In", values: ["shop"] }],
};
const labelled = { matchLabels: { team: "red" } };
const labelExists = { matchExpressions: [{ key: "team", operator: "Exists" }] };

const ingress = (peer: object): object => ({ podSelector: {}, ingress: [{ from: [peer] }] });
const egress = (peer: object): object => ({ subject: { namespaces: {} }, egress: [{ to: [peer] }] });

describe("policyNeeds", () => {
  it.each([
    ["all namespaces", ingress({ namespaceSelector: {} })],
    ["a namespace by its name", ingress({ namespaceSelector: named })],
    ["namespaces by a list of names", ingress({ namespaceSelector: nameIn })],
    ["pods by labels", ingress({ podSelector: labelled })],
    ["no peers", { podSelector: labelled }],
    ["nothing that can be read", "text"],
  ])("finds that a policy with %s needs no labels of namespaces", (_, spec) => {
    expect(policyNeeds(spec)).toEqual({ namespaceLabels: false, nodes: false });
  });

  it.each([
    ["namespaceSelector of a peer", ingress({ namespaceSelector: labelled })],
    ["an expression", ingress({ namespaceSelector: labelExists })],
    ["namespaces of a cluster-wide peer", egress({ namespaces: labelled })],
    ["pods of a cluster-wide peer", egress({ pods: { namespaceSelector: labelled, podSelector: {} } })],
    ["a cluster-wide subject", { subject: { namespaces: labelled } }],
  ])("finds labels of namespaces in %s", (_, spec) => {
    expect(policyNeeds(spec).namespaceLabels).toBe(true);
  });

  it("finds nodes", () => {
    expect(policyNeeds(egress({ nodes: labelled }))).toEqual({ namespaceLabels: false, nodes: true });
  });
});
