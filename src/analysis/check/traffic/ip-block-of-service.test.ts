import { describe, expect, it } from "vitest";
import { findingsOf, placesOf, podText } from "../check.fixture.ts";
import { ipBlockOfService } from "./ip-block-of-service.ts";
import { policyText, serviceText } from "./traffic.fixture.ts";

const POD = podText("auth/auth", "app: auth", "{containerPort: 8080}");
const SERVICE = serviceText(
  "auth/auth",
  "clusterIP: 10.96.167.67, selector: {app: auth}, ports: [{port: 80, targetPort: 8080}]",
);
const OTHER = serviceText("auth/old", "clusterIP: 10.96.3.4, ports: [{port: 80}]");

const policy = (cidr: string, direction: "from" | "to" = "to"): string =>
  policyText(
    "billing",
    `podSelector: {}\n${direction === "from" ? "ingress" : "egress"}:\n- ports: [{port: 80}]\n  ${direction}:\n  - ipBlock:\n      cidr: ${cidr}`,
  );

describe("ip-block-of-service", () => {
  it("tells the Service, and whom to select instead", () => {
    const findings = findingsOf(ipBlockOfService, policy("10.96.167.67/32") + POD + SERVICE + OTHER);
    expect(placesOf(findings)).toEqual(["11:15 warning ip-block-of-service"]);
    expect(findings[0]).toMatchObject({
      object: "NetworkPolicy shop/billing",
      message:
        "10.96.167.67 is the address of Service auth/auth. It is translated to that of a pod before policies look: this block lets nothing out to the Service.",
      help: "Select its pods instead: pods app=auth of namespace auth (1 pod today), and port 8080, where they listen.",
    });
  });

  it("knows the API server and Services without a selector", () => {
    const api = serviceText(
      "default/kubernetes",
      "clusterIP: 10.96.0.1, ports: [{port: 443, targetPort: 6443}]",
    );
    const [kubernetes] = findingsOf(ipBlockOfService, policy("10.96.0.1/32") + api);
    expect(kubernetes!.help).toMatch(/^Allow the addresses of the API servers/);
    const [old] = findingsOf(ipBlockOfService, policy("10.96.3.4/32") + OTHER);
    expect(old!.help).toBe(
      "Allow the addresses of its endpoints, at their ports: kubectl get endpointslices -n auth shows them.",
    );
  });

  it("says that nobody comes from such an address", () => {
    const [finding] = findingsOf(ipBlockOfService, policy("10.96.167.67/32", "from") + POD + SERVICE);
    expect(finding!.message).toMatch(/No connection comes from it: this block lets nobody in\.$/);
  });

  it("finds the range of the Services, where nothing else is in it", () => {
    const all = findingsOf(ipBlockOfService, policy("10.96.0.0/12") + POD + SERVICE + OTHER);
    expect(placesOf(all)).toEqual(["11:15 warning ip-block-of-service"]);
    expect(all[0]!.message).toBe(
      "In 10.96.0.0/12 are addresses of Services (auth/old and auth/auth), and none of a pod or node. They are translated before policies look: this block lets nothing out.",
    );
    const one = findingsOf(ipBlockOfService, policy("10.96.167.0/24") + POD + SERVICE + OTHER);
    expect(placesOf(one)).toEqual(["11:15 info ip-block-of-service"]);
  });

  it("supposes the usual range where no address of a Service is known", () => {
    const findings = findingsOf(ipBlockOfService, policy("10.96.0.10/32") + POD);
    expect(placesOf(findings)).toEqual(["11:15 info ip-block-of-service"]);
    expect(findings[0]!.message).toMatch(/^10\.96\.0\.10\/32 lies in 10\.96\.0\.0\/12, where most clusters/);
    expect(findingsOf(ipBlockOfService, policy("10.96.0.10/32") + POD, { everything: true })).toEqual([]);
  });

  it.each([
    ["another address", policy("10.97.0.1/32") + POD + SERVICE + OTHER],
    ["a network with pods in it", policy("10.0.0.0/8") + POD + SERVICE + OTHER],
    ["everything", policy("0.0.0.0/0") + POD + SERVICE],
    ["addresses outside", policy("192.0.2.0/24") + POD + SERVICE],
    [
      "a headless Service",
      policy("10.96.0.10/32") + POD + SERVICE + serviceText("auth/h", "clusterIP: None"),
    ],
  ])("says nothing of %s", (_, text) => {
    expect(findingsOf(ipBlockOfService, text)).toEqual([]);
  });
});
