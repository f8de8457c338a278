import { describe, expect, it } from "vitest";
import { findingsOf, placesOf, podText } from "../check.fixture.ts";
import { egressWithoutDns } from "./egress-without-dns.ts";
import { ALLOW_DNS_TEXT, DNS_TEXT, policyText } from "./traffic.fixture.ts";

const PODS = podText("shop/web", "app: web") + podText("shop/db", "app: db");
const TO_DB = `podSelector: {matchLabels: {app: web}}
policyTypes: [Egress]
egress:
- to: [{podSelector: {matchLabels: {app: db}}}]
  ports: [{port: 3306}]`;

const INPUT = policyText("web", TO_DB) + PODS + DNS_TEXT;

const ADMIN = (action: string): string => `---
apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: {name: dns}
spec:
  tier: Admin
  priority: 1
  subject: {namespaces: {}}
  egress:
  - action: ${action}
    to: [{pods: {namespaceSelector: {}, podSelector: {matchLabels: {k8s-app: kube-dns}}}}]
    protocols: [{udp: {destinationPort: {number: 53}}}]
`;

describe("egress-without-dns", () => {
  it("tells who cannot resolve names, at the policy that lets them out, and how to allow it", () => {
    const findings = findingsOf(egressWithoutDns, INPUT);
    expect(placesOf(findings)).toEqual(["8:3 warning egress-without-dns"]);
    expect(findings[0]).toMatchObject({
      object: "NetworkPolicy shop/web",
      message:
        "shop/web (1 pod) may connect to others, but not to a DNS server: names do not resolve, so nothing is reached by its name.",
      fix: {
        safe: false,
        edits: [
          {
            kind: "append-document",
            file: "input.yaml",
            value: {
              metadata: { name: "allow-dns", namespace: "shop" },
              spec: { podSelector: { matchLabels: { app: "web" } }, policyTypes: ["Egress"] },
            },
          },
        ],
      },
    });
  });

  it("needs no DNS pods in the input", () => {
    expect(placesOf(findingsOf(egressWithoutDns, policyText("web", TO_DB) + PODS))).toEqual([
      "8:3 warning egress-without-dns",
    ]);
  });

  it("is told once a namespace", () => {
    const other = policyText(
      "db",
      "podSelector: {matchLabels: {app: db}}\negress: [{to: [{podSelector: {}}]}]",
    );
    const findings = findingsOf(egressWithoutDns, INPUT + other);
    expect(findings).toHaveLength(1);
    expect(findings[0]!.message).toMatch(/^shop\/\w+ and shop\/\w+ \(2 pods\)/);
    expect(findings[0]!.related).toHaveLength(1);
    expect(findings[0]!.fix!.edits).toMatchObject([
      { value: { metadata: { name: "allow-dns" } } },
      { value: { metadata: { name: "allow-dns-2" } } },
    ]);
  });

  it("is an info where only addresses are allowed", () => {
    const text = INPUT.replace("{podSelector: {matchLabels: {app: db}}}", "{ipBlock: {cidr: 192.0.2.1/32}}");
    const findings = findingsOf(egressWithoutDns, text);
    expect(placesOf(findings)).toEqual(["8:3 info egress-without-dns"]);
    expect(findings[0]!.message).toMatch(/names do not resolve, so it must know the addresses\.$/);
  });

  it("goes by what the Admin tier decides", () => {
    expect(findingsOf(egressWithoutDns, INPUT + ADMIN("Accept"))).toEqual([]);
    expect(findingsOf(egressWithoutDns, INPUT + ADMIN("Pass"))).toHaveLength(1);
  });

  it("knows DNS pods that listen on another port", () => {
    const dns = podText(
      "openshift-dns/dns",
      "dns: default",
      "{name: dns, containerPort: 5353, protocol: UDP}",
    );
    const labelled = dns.replace("openshift-dns", "kube-system").replace("dns: default", "k8s-app: kube-dns");
    const open = policyText(
      "dns",
      "podSelector: {}\negress: [{to: [{namespaceSelector: {}}], ports: [{port: 5353, protocol: UDP}]}]",
    );
    expect(findingsOf(egressWithoutDns, policyText("web", TO_DB) + PODS + labelled + open)).toEqual([]);
  });

  it("does not take any namespace for that of the DNS pods", () => {
    const other = policyText(
      "other",
      "podSelector: {}\negress: [{to: [{namespaceSelector: {matchLabels: {team: a}}}]}]",
    );
    expect(findingsOf(egressWithoutDns, policyText("web", TO_DB) + PODS + other)).toHaveLength(1);
  });

  it.each([
    ["a policy that allows it", INPUT + ALLOW_DNS_TEXT],
    [
      "the address of a cache on the node",
      INPUT + ALLOW_DNS_TEXT.replace(/\{namespaceSelector.*\}\}\}/, "{ipBlock: {cidr: 169.254.20.10/32}}"),
    ],
    [
      "all ports of that address",
      INPUT + policyText("dns", "podSelector: {}\negress: [{to: [{ipBlock: {cidr: 169.254.20.10/32}}]}]"),
    ],
    [
      "the port and the namespace of OpenShift's DNS, which is not in the input",
      policyText("web", TO_DB) +
        PODS +
        policyText(
          "dns",
          "podSelector: {}\negress: [{to: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: openshift-dns}}}], ports: [{port: 5353, protocol: UDP}]}]",
        ),
    ],
    [
      "a label that may be that of the namespace of the DNS pods",
      policyText("web", TO_DB) +
        PODS +
        policyText(
          "dns",
          "podSelector: {}\negress: [{to: [{namespaceSelector: {matchLabels: {name: kube-system}}}]}]",
        ),
    ],
    [
      "an ipBlock of everything",
      INPUT +
        policyText(
          "all",
          "podSelector: {}\negress: [{to: [{ipBlock: {cidr: 0.0.0.0/0}}, {ipBlock: {cidr: '::/0'}}]}]",
        ),
    ],
    [
      "everything allowed, and no DNS pods in the input",
      policyText("web", TO_DB) + PODS + policyText("all", "podSelector: {}\negress: [{}]"),
    ],
    [
      "nothing allowed at all",
      policyText("deny", "podSelector: {}\npolicyTypes: [Egress]") + PODS + DNS_TEXT,
    ],
    [
      "TCP 53 alone, which is another mistake",
      INPUT + ALLOW_DNS_TEXT.replace("{port: 53, protocol: UDP}, ", ""),
    ],
    ["open egress", PODS + DNS_TEXT],
    ["a policy for no pod", INPUT.replace("{matchLabels: {app: web}}", "{matchLabels: {app: gone}}")],
    [
      "the DNS pods themselves",
      policyText(
        "up",
        "podSelector: {}\negress: [{to: [{podSelector: {}}], ports: [{port: 1}]}]",
        "kube-system",
      ) + DNS_TEXT,
    ],
  ])("says nothing of %s", (_, text) => {
    expect(findingsOf(egressWithoutDns, text)).toEqual([]);
  });
});
