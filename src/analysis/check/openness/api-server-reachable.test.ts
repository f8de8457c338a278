import { describe, expect, it } from "vitest";
import { findingsOf, placesOf, podText } from "../check.fixture.ts";
import { apiServerReachable } from "./api-server-reachable.ts";
import { nodeText, policyText } from "./openness.fixture.ts";

const OTHERS =
  podText("shop/web", "app: web") +
  podText("shop/log", "app: log") +
  nodeText("control", "192.0.2.10", 'node-role.kubernetes.io/control-plane: ""') +
  nodeText("worker", "192.0.2.20");
const policy = (rule: string, app = "web", namespace = "shop"): string =>
  policyText(
    app,
    `spec:\n  podSelector: {matchLabels: {app: ${app}}}\n  policyTypes: [Egress]\n  egress:\n  ${rule}`,
    namespace,
  );
const SERVER = "- to: [{ipBlock: {cidr: 192.0.2.10/32}}]";

describe("api-server-reachable", () => {
  it("tells who reaches it, once for a namespace", () => {
    const findings = findingsOf(apiServerReachable, policy(SERVER, "log") + policy(SERVER) + OTHERS);
    expect(placesOf(findings)).toEqual(["9:27 info api-server-reachable"]);
    expect(findings[0]).toMatchObject({
      message:
        "This rule and 1 other let shop/log and shop/web (2 pods today) out to the API server at 192.0.2.10.",
      help: "Controllers and what watches the cluster need that. If others are among them, leave the address out of their rules.",
      related: [{ position: { line: 18, column: 27 }, message: "NetworkPolicy shop/web does too" }],
    });
  });

  it("tells of a block that covers more", () => {
    const [finding] = findingsOf(
      apiServerReachable,
      policy("- to: [{ipBlock: {cidr: 192.0.2.0/24}}]\n    ports: [{port: 6443}]") + OTHERS,
    );
    expect(finding!.message).toBe(
      "This rule lets shop/web (1 pod today) out to the API server at 192.0.2.10, which addresses 192.0.2.0/24 cover among others.",
    );
  });

  it("says it once for the cluster where there would be many", () => {
    const names = Array.from({ length: 12 }, (_, i) => `team-${i}`);
    const text = names
      .map((name) => policy(SERVER, "web", name) + podText(`${name}/web`, "app: web"))
      .join("");
    const findings = findingsOf(apiServerReachable, text + OTHERS);
    expect(findings).toHaveLength(1);
    expect(findings[0]!.message).toMatch(
      /^This rule and 11 others let team-0\/web, .* and 9 more \(12 pods today\)/,
    );
    expect(findings[0]!.related).toHaveLength(5);
  });

  it.each([
    ["another port", `${SERVER}\n    ports: [{port: 443}]`],
    ["another address", "- to: [{ipBlock: {cidr: 192.0.2.20/32}}]"],
    ["its address left out", "- to: [{ipBlock: {cidr: 192.0.2.0/24, except: [192.0.2.10/32]}}]"],
    ["every address, which egress-anywhere tells", "- to: [{ipBlock: {cidr: 0.0.0.0/0}}]"],
    ["what kubelet-reachable tells", "- to: [{ipBlock: {cidr: 192.0.2.0/24}}]"],
    ["everyone", "- {}"],
  ])("says nothing of %s", (_, rule) => {
    const findings = findingsOf(apiServerReachable, policy(rule) + OTHERS);
    expect(findings).toEqual([]);
  });

  it("says nothing where nobody knows which node it is on", () => {
    const text = policy(SERVER) + OTHERS.replace("control-plane", "other");
    expect(findingsOf(apiServerReachable, text)).toEqual([]);
  });
});
