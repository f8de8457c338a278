import { describe, expect, it } from "vitest";
import { findingsOf, placesOf, podText } from "../check.fixture.ts";
import { servicePorts } from "./service-ports.ts";
import { policyText, serviceText } from "./traffic.fixture.ts";

const PODS =
  podText("shop/search", "app: search", "{name: http, containerPort: 8080}") +
  podText("shop/web", "app: web");
const SERVICE = serviceText("shop/search", "selector: {app: search}, ports: [{port: 80, targetPort: 8080}]");

const egress = (ports: string, peer = "{podSelector: {matchLabels: {app: search}}}"): string =>
  policyText(
    "web",
    `podSelector: {matchLabels: {app: web}}\npolicyTypes: [Egress]\negress:\n- to: [${peer}]\n  ports:\n${ports}`,
  );

const PORT_80 = "  - port: 80";

describe("service-port-instead-of-target-port", () => {
  it("tells the Service, its pods, and the port that they listen on", () => {
    const findings = findingsOf(servicePorts, egress(PORT_80) + PODS + SERVICE);
    expect(placesOf(findings)).toEqual(["11:13 warning service-port-instead-of-target-port"]);
    expect(findings[0]).toMatchObject({
      object: "NetworkPolicy shop/web",
      message:
        "Port 80 is the port of Service shop/search; the pods behind it (shop/search) listen on 8080, and that is the port that policies see: nothing gets out to them by 80.",
      help: "Write 8080 instead of 80.",
      fix: { safe: false, edits: [{ kind: "set-value", at: { line: 11, column: 13 }, value: 8080 }] },
    });
  });

  it("goes by the name that the Service asks for", () => {
    const byName = SERVICE.replace("targetPort: 8080", "targetPort: http");
    const [finding] = findingsOf(servicePorts, egress(PORT_80) + PODS + byName);
    expect(finding).toMatchObject({
      help: "Write http (8080) instead of 80.",
      fix: { edits: [{ value: "http" }] },
    });
  });

  it("finds it in ingress", () => {
    const text = policyText(
      "s",
      "podSelector: {matchLabels: {app: search}}\ningress: [{ports: [{port: 80}]}]",
    );
    const [finding] = findingsOf(servicePorts, text + PODS + SERVICE);
    expect(finding!.message).toMatch(/nobody gets in by 80\.$/);
  });

  it("is an info where the right port is allowed too, or other pods may be meant", () => {
    const both = findingsOf(servicePorts, egress(`${PORT_80}\n  - port: 8080`) + PODS + SERVICE);
    expect(placesOf(both)).toEqual(["11:13 info service-port-instead-of-target-port"]);
    expect(both[0]!.help).toBe("The rule allows 8080 too, which is enough: take 80 out.");
    const wide = findingsOf(servicePorts, egress(PORT_80, "{podSelector: {}}") + PODS + SERVICE);
    expect(placesOf(wide)).toEqual(["11:13 info service-port-instead-of-target-port"]);
  });

  it.each([
    ["the port of the pods", egress("  - port: 8080") + PODS + SERVICE],
    ["a Service that keeps the port", egress(PORT_80) + PODS + SERVICE.replace(", targetPort: 8080", "")],
    [
      "a port that the pods declare",
      egress(PORT_80) + PODS.replace("containerPort: 8080", "containerPort: 80") + SERVICE,
    ],
    [
      "a headless Service",
      egress(PORT_80) + PODS + SERVICE.replace("selector:", "clusterIP: None, selector:"),
    ],
    ["a Service of other pods", egress(PORT_80) + PODS + SERVICE.replace("app: search", "app: other")],
    ["another protocol", egress("  - {port: 80, protocol: UDP}") + PODS + SERVICE],
    ["a range", egress("  - {port: 80, endPort: 81}") + PODS + SERVICE],
    ["no Service", egress(PORT_80) + PODS],
    [
      "a second Service to that very port",
      egress(PORT_80) +
        PODS +
        SERVICE +
        serviceText("shop/two", "selector: {app: search}, ports: [{port: 81, targetPort: 80}]"),
    ],
  ])("says nothing of %s", (_, text) => {
    expect(findingsOf(servicePorts, text)).toEqual([]);
  });
});
