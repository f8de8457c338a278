import { describe, expect, it } from "vitest";
import { findingsOf, namespaceText, placesOf, podText } from "../check.fixture.ts";
import { ALLOW_DNS_TEXT, DNS_TEXT, policyText } from "./traffic.fixture.ts";
import { udpAsTcp } from "./udp-as-tcp.ts";

const WEB = podText("shop/web", "app: web");
const DNS_PEER = "{namespaceSelector: {}, podSelector: {matchLabels: {k8s-app: kube-dns}}}";

const dns = (ports: string): string =>
  policyText(
    "dns",
    `podSelector: {}\npolicyTypes: [Egress]\negress:\n- to: [${DNS_PEER}]\n  ports:\n${ports}`,
  );

describe("udp-as-tcp", () => {
  it("tells who cannot resolve names where port 53 is TCP alone", () => {
    const findings = findingsOf(udpAsTcp, dns("  - port: 53") + WEB + DNS_TEXT);
    expect(placesOf(findings)).toEqual(["11:7 warning udp-as-tcp"]);
    expect(findings[0]).toMatchObject({
      object: "NetworkPolicy shop/dns",
      message:
        "Without a protocol, port 53 is TCP alone, but names are asked for over UDP: shop/web (1 pod) cannot resolve names.",
      fix: {
        safe: false,
        edits: [{ kind: "add-item", at: { line: 11, column: 5 }, value: { protocol: "UDP", port: 53 } }],
      },
    });
    const [written] = findingsOf(udpAsTcp, dns("  - {protocol: TCP, port: 53}") + WEB + DNS_TEXT);
    expect(written!.message).toMatch(/^Port 53 is allowed for TCP alone/);
  });

  it("finds it in a folder with policies alone", () => {
    const findings = findingsOf(udpAsTcp, dns("  - port: 53"));
    expect(findings[0]!.message).toMatch(/the pods of this policy cannot resolve names\.$/);
  });

  it.each([
    ["both protocols", dns("  - port: 53\n  - {port: 53, protocol: UDP}") + WEB + DNS_TEXT],
    ["a policy beside it with UDP", dns("  - port: 53") + WEB + DNS_TEXT + ALLOW_DNS_TEXT],
    ["such policies alone", dns("  - port: 53") + ALLOW_DNS_TEXT],
    ["all TCP ports", dns("  - protocol: TCP") + WEB + DNS_TEXT],
    [
      "a policy for none of the pods that are there",
      dns("  - port: 53").replace("{}", "{matchLabels: {a: b}}") + WEB,
    ],
    [
      "a rule by which everything may leave",
      dns("  - port: 53") +
        policyText("all", "podSelector: {}\npolicyTypes: [Egress]\negress: [{}]") +
        WEB +
        DNS_TEXT,
    ],
  ])("says nothing of DNS with %s", (_, text) => {
    expect(findingsOf(udpAsTcp, text)).toEqual([]);
  });

  const SRT = podText("shop/srt", "app: srt", "{containerPort: 9000, protocol: UDP}");
  const srt = (ports: string): string =>
    namespaceText("shop") +
    policyText("srt", `podSelector: {matchLabels: {app: srt}}\ningress:\n- ports:\n${ports}`);

  it("tells who declares a port as UDP that is allowed for TCP", () => {
    const findings = findingsOf(udpAsTcp, srt("  - port: 9000") + SRT);
    expect(placesOf(findings)).toEqual(["13:7 warning udp-as-tcp"]);
    expect(findings[0]).toMatchObject({
      message:
        "Without a protocol, port 9000 is TCP, but shop/srt (1 pod) declares it as UDP: no UDP gets in there.",
      help: "Write protocol: UDP beside the port, or add an item with it if both are used.",
      fix: { edits: [{ kind: "add-field", at: { line: 13, column: 7 }, name: "protocol", value: "UDP" }] },
    });
  });

  it("is an info where TCP is written", () => {
    const findings = findingsOf(udpAsTcp, srt("  - {port: 9000, protocol: TCP}") + SRT);
    expect(placesOf(findings)).toEqual(["13:8 info udp-as-tcp"]);
    expect(findings[0]!.fix).toBeUndefined();
  });

  it.each([
    ["UDP", srt("  - {port: 9000, protocol: UDP}") + SRT],
    ["both", srt("  - port: 9000\n  - {port: 9000, protocol: UDP}") + SRT],
    [
      "a pod with both",
      srt("  - port: 9000") + SRT + podText("shop/s2", "app: srt", "{containerPort: 9000}"),
    ],
    ["a port that nobody declares", srt("  - port: 9001") + SRT],
    ["a name", srt("  - port: srt") + SRT],
  ])("says nothing of %s", (_, text) => {
    expect(findingsOf(udpAsTcp, text)).toEqual([]);
  });
});
