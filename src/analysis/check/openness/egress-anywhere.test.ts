import { describe, expect, it } from "vitest";
import { findingsOf, placesOf, podText } from "../check.fixture.ts";
import { egressAnywhere } from "./egress-anywhere.ts";
import { clusterPolicyText, nodeText, policyText } from "./openness.fixture.ts";

const PODS = podText("shop/web", "app: web") + podText("shop/log", "app: log");
const policy = (rule: string, name = "all", selector = "{}"): string =>
  policyText(name, `spec:\n  podSelector: ${selector}\n  policyTypes: [Egress]\n  egress:\n  ${rule}`);
const EVERYWHERE = "- to: [{ipBlock: {cidr: 0.0.0.0/0}}]";
const INSIDE = "10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, 169.254.0.0/16";

describe("egress-anywhere", () => {
  it("tells what of the inside is among the addresses", () => {
    const nodes = nodeText("n1", "192.0.2.1", 'node-role.kubernetes.io/control-plane: ""');
    // A block of nodes with the port of the kubelet would be told by another check.
    const findings = findingsOf(egressAnywhere, policy("- {}") + PODS + nodes);
    expect(placesOf(findings)).toEqual(["9:5 info egress-anywhere"]);
    expect(findings[0]).toMatchObject({
      object: "NetworkPolicy shop/all",
      message:
        "This rule lets every pod of namespace shop (2 pods today) out to every address on every port, pods of the cluster, the metadata address 169.254.169.254 of clouds, the kubelets of nodes and the API server included.",
      help: "If only the outside is meant, write an ipBlock of 0.0.0.0/0 that leaves out (except) 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 and 169.254.0.0/16, and name the ports.",
    });
  });

  it("points at the block", () => {
    const findings = findingsOf(egressAnywhere, policy(EVERYWHERE) + PODS);
    expect(placesOf(findings)).toEqual(["9:27 info egress-anywhere"]);
    expect(findings[0]!.message).toContain(
      "on every port, pods of the cluster and the metadata address 169.254.169.254 of clouds included.",
    );
  });

  it("is told once for a namespace", () => {
    const text =
      policy(`${EVERYWHERE}\n    ports: [{port: 443}]`, "web", "{matchLabels: {app: web}}") +
      policy(`${EVERYWHERE}\n    ports: [{port: 587}]`, "log", "{matchLabels: {app: log}}") +
      PODS;
    const findings = findingsOf(egressAnywhere, text);
    expect(findings.map(({ message }) => message)).toEqual([
      "This rule and 1 other let shop/log and shop/web (2 pods today) out to every address on TCP 443 and TCP 587, pods of the cluster included.",
    ]);
    expect(findings[0]!.related).toMatchObject([{ message: "NetworkPolicy shop/web does too" }]);
  });

  it("tells of the outside alone where no port is named", () => {
    const outside = `- to: [{ipBlock: {cidr: 0.0.0.0/0, except: [${INSIDE}]}}]`;
    const [finding] = findingsOf(egressAnywhere, policy(outside) + PODS);
    expect(finding).toMatchObject({
      message:
        "This rule lets every pod of namespace shop (2 pods today) out to every address on every port.",
      help: "If only some servers are needed, name their addresses, or at least the ports.",
    });
  });

  it.each([
    [
      "the outside on some ports",
      `- to: [{ipBlock: {cidr: 0.0.0.0/0, except: [${INSIDE}]}}]\n    ports: [{port: 443}]`,
    ],
    ["DNS to everywhere", "- ports: [{port: 53}, {port: 53, protocol: UDP}]"],
    ["a port by name", "- ports: [{port: http}]"],
    ["a smaller block", "- to: [{ipBlock: {cidr: 0.0.0.0/1}}]"],
    ["an empty list, of which empty-to warns", "- to: []"],
    ["every pod", "- to: [{namespaceSelector: {}}]"],
  ])("says nothing of %s", (_, rule) => {
    expect(findingsOf(egressAnywhere, policy(rule) + PODS)).toEqual([]);
  });

  it("says nothing where another check warns of the rule", () => {
    expect(findingsOf(egressAnywhere, policy(EVERYWHERE, "web", "{matchLabels: {app: web}}") + PODS)).toEqual(
      [],
    );
    const nodes = nodeText("n1", "192.0.2.1");
    expect(findingsOf(egressAnywhere, policy(EVERYWHERE) + PODS + nodes)).toEqual([]);
  });

  it("says nothing where a policy of the cluster takes it back", () => {
    const deny = clusterPolicyText("Admin", "  egress: [{action: Deny, to: [{networks: [0.0.0.0/0]}]}]");
    expect(findingsOf(egressAnywhere, policy(EVERYWHERE) + deny + PODS)).toEqual([]);
  });
});
