import { describe, expect, it } from "vitest";
import { findingsOf, namespaceText, placesOf, podText } from "../check.fixture.ts";
import { namedPorts } from "./named-ports.ts";
import { policyText } from "./traffic.fixture.ts";

const PODS = [
  podText(
    "shop/db",
    "app: db",
    "{name: mysql, containerPort: 3306}, {name: stats, containerPort: 9, protocol: UDP}",
  ),
  podText("shop/api", "app: api", "{name: http, containerPort: 8080}"),
  podText("shop/web", "app: web", "{name: http, containerPort: 80}"),
  podText("shop/plain", "app: plain"),
].join("");

const ingress = (port: string, subject = "{matchLabels: {app: db}}"): string =>
  policyText("db", `podSelector: ${subject}\ningress:\n- ports:\n  - port: ${port}`) + PODS;

const egress = (peers: string, ports: string): string =>
  policyText("x", `podSelector: {}\npolicyTypes: [Egress]\negress:\n- to: [${peers}]\n  ports: [${ports}]`) +
  PODS;

const peer = (app: string): string => `{podSelector: {matchLabels: {app: ${app}}}}`;

describe("named-port-unknown", () => {
  it("tells which pods have no port of the name, and what they have", () => {
    const findings = findingsOf(namedPorts, ingress("myqsl"));
    expect(placesOf(findings)).toEqual(["9:13 warning named-port-unknown"]);
    expect(findings[0]).toMatchObject({
      object: "NetworkPolicy shop/db",
      message:
        "The pod that connections of this rule arrive at (shop/db) has no TCP port named myqsl: nobody gets in by it.",
      help: "Did you mean mysql?",
      fix: { safe: false, edits: [{ kind: "set-value", at: { line: 9, column: 13 }, value: "mysql" }] },
    });
  });

  it("says what the ports are called where nothing is near, and that there may be no names", () => {
    const [far] = findingsOf(namedPorts, ingress("grpc"));
    expect(far).toMatchObject({ help: "Their ports are called mysql and stats; a number works too." });
    expect(far!.fix).toBeUndefined();
    const [none] = findingsOf(namedPorts, ingress("grpc", "{matchLabels: {app: plain}}"));
    expect(none!.help).toBe(
      "Their containers give no port a name: write the number, or name the port in the pods.",
    );
  });

  it("knows a name of another protocol", () => {
    const [finding] = findingsOf(namedPorts, ingress("stats"));
    expect(finding!.help).toBe("They have a UDP port of that name: write protocol: UDP.");
  });

  it("finds it in egress, and a single peer that has none of the names", () => {
    const findings = findingsOf(namedPorts, egress(peer("db"), "{port: http}"));
    expect(placesOf(findings)).toEqual(["10:20 warning named-port-unknown"]);
    expect(findings[0]!.message).toMatch(
      /\(shop\/db\) has no TCP port named http: nothing gets out by it\.$/,
    );
    const one = findingsOf(namedPorts, egress(`${peer("api")}, ${peer("db")}`, "{port: http}"));
    expect(placesOf(one)).toEqual(["9:52 warning named-port-unknown"]);
    expect(one[0]!.message).toBe(
      "Of this peer (shop/db, 1 pod) no pod has a TCP port named http: the rule lets nothing out to it.",
    );
  });

  it("is an info for a whole namespace, whose pods of tomorrow may have it", () => {
    expect(placesOf(findingsOf(namedPorts, ingress("metrics", "{}")))).toEqual([
      "9:13 info named-port-unknown",
    ]);
  });

  it("is told once for the policies of a namespace", () => {
    const second = policyText(
      "two",
      "podSelector: {matchLabels: {app: api}}\ningress: [{ports: [{port: grpc}]}]",
    );
    const findings = findingsOf(namedPorts, ingress("grpc") + second);
    expect(findings).toHaveLength(1);
    expect(findings[0]!.message).toMatch(/^None of the 2 pods that connections of these rules arrive at/);
    expect(findings[0]!.related).toMatchObject([{ message: "the same name in NetworkPolicy shop/two" }]);
  });

  it.each([
    ["a name that one of the pods has", ingress("mysql", "{}")],
    ["a number", ingress("1")],
    ["pods that are not there", ingress("mysql", "{matchLabels: {app: gone}}")],
    ["a peer that a number gets to", egress(`${peer("api")}, ${peer("db")}`, "{port: http}, {port: 1}")],
    [
      "a direction that is not in force",
      ingress("grpc").replace("  ingress:", "  policyTypes: [Egress]\n  ingress:"),
    ],
    [
      "everybody as destination",
      policyText("x", "podSelector: {}\negress: [{ports: [{port: grpc}]}]") + PODS,
    ],
  ])("says nothing of %s", (_, text) => {
    expect(findingsOf(namedPorts, text)).toEqual([]);
  });
});

describe("named-port-differs", () => {
  it("tells the numbers and where they are, as an info", () => {
    const findings = findingsOf(namedPorts, egress("{podSelector: {}}", "{port: http}"));
    expect(placesOf(findings)).toEqual(["10:20 info named-port-differs"]);
    expect(findings[0]!.message).toBe(
      "The port named http is TCP 80 on shop/web but 8080 on shop/api: the rule opens each of them.",
    );
  });

  it("tells the same only once", () => {
    const other = policyText("z", "podSelector: {}\ningress: [{ports: [{port: http}]}]");
    const findings = findingsOf(namedPorts, egress("{podSelector: {}}", "{port: http}") + other);
    expect(findings).toHaveLength(1);
    expect(findings[0]!.related).toMatchObject([{ message: "the same in NetworkPolicy shop/z" }]);
  });

  it("says nothing of one number on many pods", () => {
    const text = namespaceText("shop") + egress(peer("api"), "{port: http}");
    expect(
      findingsOf(namedPorts, text + podText("shop/api2", "app: api", "{name: http, containerPort: 8080}")),
    ).toEqual([]);
  });
});
