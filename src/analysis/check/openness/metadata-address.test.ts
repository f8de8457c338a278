import { describe, expect, it } from "vitest";
import { findingsOf, placesOf, podText } from "../check.fixture.ts";
import { metadataAddress } from "./metadata-address.ts";
import { clusterPolicyText, policyText } from "./openness.fixture.ts";

const POD = podText("shop/mailer", "app: mailer");
const policy = (rule: string, selector = "{matchLabels: {app: mailer}}"): string =>
  policyText("mailer", `spec:\n  podSelector: ${selector}\n  policyTypes: [Egress]\n  egress:\n  ${rule}`);
const ANYWHERE = "- to: [{ipBlock: {cidr: 0.0.0.0/0}}]";

describe("metadata-address", () => {
  it("tells who gets there, which block covers it, and how to leave it out", () => {
    const [finding, ...others] = findingsOf(metadataAddress, policy(ANYWHERE) + POD);
    expect(others).toEqual([]);
    expect(placesOf([finding!])).toEqual(["9:27 warning metadata-address"]);
    expect(finding).toMatchObject({
      object: "NetworkPolicy shop/mailer",
      message:
        "This rule lets pods app=mailer of namespace shop (1 pod today) out to the cloud's metadata service at 169.254.169.254, which may give them the credentials of their node: 0.0.0.0/0 covers it.",
      help: "If these pods have no business there, add except: [169.254.169.254/32] to the ipBlock.",
      fix: {
        safe: false,
        edits: [
          { kind: "add-field", at: { line: 9, column: 20 }, name: "except", value: ["169.254.169.254/32"] },
        ],
      },
    });
  });

  it("adds to the exceptions that are there", () => {
    const [finding] = findingsOf(
      metadataAddress,
      policy("- to: [{ipBlock: {cidr: 0.0.0.0/0, except: [10.0.0.0/8]}}]") + POD,
    );
    expect(finding!.fix!.edits).toMatchObject([
      { kind: "add-item", at: { line: 9, column: 46 }, value: "169.254.169.254/32" },
    ]);
  });

  it("knows the address of IPv6, which one cloud has: an info by itself", () => {
    const dual = POD.replace("spec:", "status: {podIPs: [{ip: 10.244.0.9}, {ip: 'fd00:10:244::9'}]}\nspec:");
    const six = "{ipBlock: {cidr: '::/0'}}";
    const [alone] = findingsOf(metadataAddress, policy(`- to: [${six}]`) + dual);
    expect(alone).toMatchObject({ severity: "info", fix: { edits: [{ value: ["fd00:ec2::254/128"] }] } });
    const [both, ...others] = findingsOf(
      metadataAddress,
      policy(`- to: [{ipBlock: {cidr: 0.0.0.0/0}}, ${six}]`) + dual,
    );
    expect(others).toEqual([]);
    expect(both!.severity).toBe("warning");
    expect(both!.message).toContain("at 169.254.169.254 and fd00:ec2::254,");
    expect(both!.fix!.edits).toHaveLength(2);
  });

  it("is an info for the address by name", () => {
    const [finding] = findingsOf(
      metadataAddress,
      policy("- to: [{ipBlock: {cidr: 169.254.169.254/32}}]") + POD,
    );
    expect(finding).toMatchObject({
      severity: "info",
      help: "If these pods have no business there, remove the block.",
    });
    expect(finding).not.toHaveProperty("fix");
  });

  it("tells it of a policy whose pods are elsewhere", () => {
    const [finding] = findingsOf(metadataAddress, policy(ANYWHERE));
    expect(finding!.message).toContain("lets pods app=mailer of namespace shop out to");
  });

  it.each([
    ["the address left out", "- to: [{ipBlock: {cidr: 0.0.0.0/0, except: [169.254.0.0/16]}}]"],
    ["other ports", `${ANYWHERE}\n    ports: [{port: 443}, {port: 587}]`],
    ["port 80 of UDP", `${ANYWHERE}\n    ports: [{port: 80, protocol: UDP}]`],
    ["another block", "- to: [{ipBlock: {cidr: 10.0.0.0/8}}]"],
    ["everyone, which another check tells", "- {}"],
    ["pods", "- to: [{namespaceSelector: {}}]"],
  ])("says nothing of %s", (_, rule) => {
    expect(findingsOf(metadataAddress, policy(rule) + POD)).toEqual([]);
  });

  it("leaves a rule for all pods of a namespace and everywhere to egress-anywhere", () => {
    expect(findingsOf(metadataAddress, policy(ANYWHERE, "{}") + POD)).toEqual([]);
  });

  it("says nothing where a policy of the cluster denies it, and where nobody is selected", () => {
    const deny = clusterPolicyText(
      "Admin",
      "  egress: [{action: Deny, to: [{networks: [169.254.169.254/32]}]}]",
    );
    expect(findingsOf(metadataAddress, policy(ANYWHERE) + deny + POD)).toEqual([]);
    expect(findingsOf(metadataAddress, policy(ANYWHERE) + POD.replace("app: mailer", "app: other"))).toEqual(
      [],
    );
  });

  it("says nothing of egress rules that are not read", () => {
    const text = policy(ANYWHERE).replace("policyTypes: [Egress]", "policyTypes: [Ingress]");
    expect(findingsOf(metadataAddress, text + POD)).toEqual([]);
  });
});
