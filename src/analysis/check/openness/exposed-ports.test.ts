import { describe, expect, it } from "vitest";
import { findingsOf, placesOf, podText } from "../check.fixture.ts";
import { exposedPorts } from "./exposed-ports.ts";
import { clusterPolicyText, policyText } from "./openness.fixture.ts";

const DB = podText("shop/db", "app: db", "{containerPort: 5432}");
const policy = (rule: string): string => policyText("db", `spec:\n  podSelector: {}\n  ingress:\n  ${rule}`);

describe("exposed-database", () => {
  it.each([
    ["everyone", "- {}", "8:5", "everyone, inside and outside of the cluster,"],
    ["every namespace", "- from: [{namespaceSelector: {}}]", "8:12", "every pod of every namespace"],
    [
      "every address",
      "- from: [{ipBlock: {cidr: 0.0.0.0/0}}]",
      "8:12",
      "everyone, inside and outside of the cluster,",
    ],
    [
      "the outside",
      "- from: [{ipBlock: {cidr: 0.0.0.0/0, except: [10.0.0.0/8]}}]",
      "8:12",
      "every address outside of the cluster",
    ],
    [
      "everyone, on its port",
      "- ports: [{port: 5432}]",
      "8:5",
      "everyone, inside and outside of the cluster,",
    ],
  ])("warns of a rule for %s", (_, rule, place, who) => {
    const [finding, ...others] = findingsOf(exposedPorts, policy(rule) + DB);
    expect(others).toEqual([]);
    expect(placesOf([finding!])).toEqual([`${place} warning exposed-database`]);
    expect(finding).toMatchObject({
      object: "NetworkPolicy shop/db",
      message: `This rule lets ${who} connect to shop/db (PostgreSQL, TCP 5432).`,
      help: "Name under from the pods that need it, such as podSelector: {matchLabels: {app: api}}.",
    });
  });

  it("says once what one rule opens", () => {
    const text =
      policy("- {}") +
      DB +
      podText("shop/cache", "app: cache", "{containerPort: 6379}, {containerPort: 8080}");
    expect(findingsOf(exposedPorts, text).map(({ message }) => message)).toEqual([
      "This rule lets everyone, inside and outside of the cluster, connect to shop/cache (Redis, TCP 6379) and shop/db (PostgreSQL, TCP 5432).",
    ]);
  });

  it("says once what no policy closes, as an info", () => {
    const findings = findingsOf(
      exposedPorts,
      DB + podText("shop/cache", "app: cache", "{containerPort: 6379}"),
    );
    expect(placesOf(findings)).toEqual(["9:35 info exposed-database"]);
    expect(findings[0]!.message).toBe(
      "Everyone may connect to shop/cache (Redis, TCP 6379) and shop/db (PostgreSQL, TCP 5432): no policy closes them.",
    );
  });

  it("is an info where a policy that is called so opens the whole namespace", () => {
    const open = (rule: string): string =>
      policyText("allow-all", `spec: {podSelector: {}, ingress: [${rule}]}`);
    expect(placesOf(findingsOf(exposedPorts, open("{}") + DB))).toMatchObject([
      expect.stringContaining("info exposed-database"),
    ]);
    expect(placesOf(findingsOf(exposedPorts, open("{ports: [{port: 5432}]}") + DB))).toMatchObject([
      expect.stringContaining("warning exposed-database"),
    ]);
  });

  it("is an info for a queue that all namespaces share, and a warning for the outside", () => {
    const queue = podText("shop/bus", "app: bus", "{containerPort: 5672}");
    const severities = ["- from: [{namespaceSelector: {}}]", "- {}"].map(
      (rule) => findingsOf(exposedPorts, policy(rule) + queue)[0]!.severity,
    );
    expect(severities).toEqual(["info", "warning"]);
  });

  it.each([
    ["some pods", "- from: [{podSelector: {matchLabels: {app: api}}}]"],
    [
      "some pods of every namespace",
      "- from: [{namespaceSelector: {}, podSelector: {matchLabels: {app: api}}}]",
    ],
    ["every pod of the namespace", "- from: [{podSelector: {}}]"],
    ["a block", "- from: [{ipBlock: {cidr: 203.0.113.0/24}}]"],
    ["everyone on another port", "- ports: [{port: 9187}]"],
    ["everyone over UDP", "- ports: [{port: 5432, protocol: UDP}]"],
  ])("says nothing of a rule for %s", (_, rule) => {
    expect(findingsOf(exposedPorts, policy(rule) + DB)).toEqual([]);
  });

  it("says nothing where a policy of the cluster denies it all the same", () => {
    const deny = clusterPolicyText(
      "Admin",
      "  ingress: [{action: Deny, from: [{namespaces: {}}], protocols: [{tcp: {destinationPort: {number: 5432}}}]}]",
    );
    expect(findingsOf(exposedPorts, policy("- from: [{namespaceSelector: {}}]") + deny + DB)).toEqual([]);
  });

  it("does not call open what a policy of the cluster denies to everyone", () => {
    const deny = clusterPolicyText(
      "Admin",
      "  ingress: [{action: Deny, from: [{namespaces: {}}], protocols: [{tcp: {destinationPort: {number: 5432}}}]}]",
    );
    const [finding] = findingsOf(exposedPorts, DB + deny);
    // Policies of the cluster cannot deny the outside.
    expect(finding!.message).toBe(
      "Every address outside of the cluster may connect to shop/db (PostgreSQL, TCP 5432): no policy closes it.",
    );
  });

  it("says nothing of rules for egress alone, and of other ports", () => {
    const egress = policyText(
      "db",
      "spec: {podSelector: {}, policyTypes: [Ingress, Egress], ingress: [], egress: [{}]}",
    );
    expect(findingsOf(exposedPorts, egress + DB)).toEqual([]);
    expect(
      findingsOf(exposedPorts, policy("- {}") + podText("shop/web", "app: web", "{containerPort: 8080}")),
    ).toEqual([]);
  });
});

describe("exposed-admin-port", () => {
  it("warns of etcd, and tells of SSH, which is often meant", () => {
    const etcd = podText("shop/etcd", "app: etcd", "{containerPort: 2379}");
    const ssh = podText("shop/git", "app: git", "{containerPort: 22}");
    expect(placesOf(findingsOf(exposedPorts, policy("- {}") + etcd))).toEqual([
      "8:5 warning exposed-admin-port",
    ]);
    expect(placesOf(findingsOf(exposedPorts, policy("- {}") + ssh))).toEqual(["8:5 info exposed-admin-port"]);
  });
});
