import { describe, expect, it } from "vitest";
import { findingsOf, placesOf, podText } from "../check.fixture.ts";
import { hostNetworkPodsSelected } from "./host-network-pods-selected.ts";

const hostPod = (name: string, labels: string): string =>
  podText(name, labels).replace("spec: {", "spec: {hostNetwork: true, nodeName: one, ");

const policy = (rest: string, subject = "{matchLabels: {app: db}}", name = "shop/db"): string => `---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {namespace: ${name.split("/")[0]}, name: ${name.split("/")[1]}}
spec:
  podSelector: ${subject}
  ${rest}
`;

const HOST = hostPod("shop/agent", "app: agent");
const DB = podText("shop/db", "app: db");
const FROM = "ingress: [{from: [{podSelector: {matchLabels: {app: agent}}}]}]";

describe("host-network-pods-selected", () => {
  it("tells that a policy limits nobody", () => {
    const findings = findingsOf(
      hostNetworkPodsSelected,
      policy("ingress: []", "{matchLabels: {app: agent}}") + HOST + DB,
    );
    expect(placesOf(findings)).toEqual(["6:3 warning host-network-pods-selected"]);
    expect(findings[0]!.message).toBe(
      "This policy limits nobody: shop/agent (1 pod today) runs on the network of its node, to which no policy applies.",
    );
  });

  it("is an info where it limits others, or is about a whole namespace", () => {
    const findings = findingsOf(hostNetworkPodsSelected, policy("ingress: []", "{}") + HOST + DB);
    expect(placesOf(findings)).toEqual(["6:3 info host-network-pods-selected"]);
    expect(findings[0]!.message).toBe(
      "This policy does not limit shop/agent (1 pod today), which it selects as well: it runs on the network of its node, to which no policy applies.",
    );
    const alone = findingsOf(hostNetworkPodsSelected, policy("ingress: []", "{}") + HOST);
    expect(placesOf(alone)).toEqual(["6:3 info host-network-pods-selected"]);
  });

  it("tells that a peer lets nobody in, and what would", () => {
    const findings = findingsOf(hostNetworkPodsSelected, policy(FROM) + HOST + DB);
    expect(placesOf(findings)).toEqual(["7:21 warning host-network-pods-selected"]);
    expect(findings[0]).toMatchObject({
      message:
        "This peer lets in nobody: shop/agent (1 pod today) is on the host network and sends from node addresses, which no selector of pods matches.",
      help: "Name the addresses of their nodes with an ipBlock, or run them without hostNetwork. A node can always reach the pods that run on it.",
    });
  });

  it("tells the addresses of nodes that were not made up", () => {
    const node = `---
apiVersion: v1
kind: Node
metadata: {name: one}
status: {addresses: [{type: InternalIP, address: 192.0.2.7}]}
`;
    const text = policy(FROM) + HOST + DB + node;
    const [finding] = findingsOf(hostNetworkPodsSelected, text, { everything: true });
    expect(finding!.help).toMatch(/with an ipBlock \(today 192\.0\.2\.7\), or/);
  });

  it("tells it of a whole namespace on the host network, in egress", () => {
    const rule = "egress: [{to: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: nodes}}}]}]";
    const text = policy(rule) + DB + hostPod("nodes/agent", "a: b");
    const findings = findingsOf(hostNetworkPodsSelected, text);
    expect(placesOf(findings)).toEqual(["7:18 warning host-network-pods-selected"]);
    expect(findings[0]!.message).toMatch(
      /^This peer lets out to nobody: nodes\/agent \(1 pod today\) is on the host network and is reached at node addresses/,
    );
  });

  it("is an info where other pods have the labels, and is said once of all that ask for them", () => {
    const text = policy(FROM) + policy(FROM, "{}", "shop/more") + HOST + podText("shop/a", "app: agent") + DB;
    const findings = findingsOf(hostNetworkPodsSelected, text).filter(
      ({ position }) => position.column === 21,
    );
    expect(placesOf(findings)).toEqual(["7:21 info host-network-pods-selected"]);
    expect(findings[0]!.message).toMatch(/^This peer lets in pods with these labels, but not shop\/agent/);
    expect(findings[0]!.related).toMatchObject([{ position: { line: 14, column: 21 } }]);
  });

  it("tells of cluster-wide policies what they do not deny", () => {
    const admin = `apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: {name: agents}
spec:
  tier: Admin
  priority: 1
  subject: {namespaces: {}}
  ingress: [{action: Deny, from: [{pods: {namespaceSelector: {}, podSelector: {matchLabels: {app: agent}}}}]}]
`;
    const findings = findingsOf(hostNetworkPodsSelected, admin + HOST + DB);
    expect(placesOf(findings)).toEqual(["8:35 warning host-network-pods-selected"]);
    expect(findings[0]!.message).toMatch(/^This peer matches nobody: shop\/agent/);
  });

  it.each([
    ["other labels", policy("ingress: []") + HOST + DB],
    ["a peer for the whole namespace", policy("ingress: [{from: [{podSelector: {}}]}]") + HOST + DB],
    ["a peer for every namespace", policy("ingress: [{from: [{namespaceSelector: {}}]}]") + HOST + DB],
    ["pods with a network of their own", policy(FROM) + podText("shop/agent", "app: agent") + DB],
    ["rules that are never read", policy(`policyTypes: [Egress]\n  ${FROM}`) + HOST + DB],
  ])("says nothing of %s", (_, text) => {
    expect(findingsOf(hostNetworkPodsSelected, text)).toEqual([]);
  });
});
