import { describe, expect, it } from "vitest";
import { findingsOf, namespaceText, placesOf, podText } from "../check.fixture.ts";
import { defaultDeny } from "./default-deny.ts";
import { clusterPolicyText, nodeText, policyText } from "./openness.fixture.ts";

const select = (app: string, types = "Ingress"): string =>
  policyText(app, `spec: {podSelector: {matchLabels: {app: ${app}}}, policyTypes: [${types}]}`);
const ALL = policyText("all", "spec: {podSelector: {}, policyTypes: [Ingress, Egress]}");
const PORT = "{containerPort: 80}";
const PODS = ["web", "api", "db"].map((app) => podText(`shop/${app}`, `app: ${app}`, PORT)).join("");
/** Keeps the other direction out of a test. */
const EGRESS = policyText("egress", "spec: {podSelector: {}, policyTypes: [Egress]}");
const INGRESS = policyText("ingress", "spec: {podSelector: {}, policyTypes: [Ingress]}");

describe("unselected-pods", () => {
  it("tells the pods that are left open where most are closed, and where they are", () => {
    const [finding, ...others] = findingsOf(defaultDeny, PODS + EGRESS + select("api") + select("db"));
    expect(others).toEqual([]);
    expect(placesOf([finding!])).toEqual(["4:35 warning unselected-pods"]);
    expect(finding).toMatchObject({
      object: "Namespace shop",
      message:
        "Everyone may connect to shop/web (1 pod today): policies close 2 other pods of the namespace to strangers, and not this one.",
      help: "If that is not meant, select it too: a policy with podSelector: {} and policyTypes: [Ingress] closes every pod of the namespace, and rules then let in who is needed.",
      fix: {
        safe: false,
        edits: [
          {
            kind: "append-document",
            file: "input.yaml",
            value: {
              kind: "NetworkPolicy",
              metadata: { namespace: "shop", name: "default-deny-ingress" },
              spec: { podSelector: {}, policyTypes: ["Ingress"] },
            },
          },
        ],
      },
    });
  });

  it("is an info where the open pods are published, for everybody to connect to", () => {
    const service = (type: string): string => `---
apiVersion: v1
kind: Service
metadata: {namespace: shop, name: web}
spec: {type: ${type}, selector: {app: web}, ports: [{port: 80}]}
`;
    const ingress = `---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {namespace: shop, name: web}
spec: {defaultBackend: {service: {name: web, port: {number: 80}}}}
`;
    const text = PODS + EGRESS + select("api") + select("db");
    const severities = [service("ClusterIP"), service("LoadBalancer"), service("ClusterIP") + ingress].map(
      (published) => findingsOf(defaultDeny, text + published)[0]!.severity,
    );
    expect(severities).toEqual(["warning", "info", "info"]);
  });

  it("says once that pods are open for both directions", () => {
    const text = PODS + select("api", "Ingress, Egress") + select("db", "Ingress, Egress");
    const findings = findingsOf(defaultDeny, text);
    expect(placesOf(findings)).toEqual(["4:35 warning unselected-pods"]);
    expect(findings[0]!.message).toBe(
      "Everyone may connect to shop/web (1 pod today), and it to everything: policies close 2 other pods of the namespace to strangers, and not this one.",
    );
  });

  it("names the namespace, and the deny that is for the other direction alone", () => {
    const [finding] = findingsOf(defaultDeny, PODS + INGRESS + namespaceText("shop"));
    expect(finding).toMatchObject({
      code: "no-default-deny",
      related: [
        { position: { line: 24, column: 18 }, message: "namespace shop has no default deny" },
        {
          position: { line: 20, column: 38 },
          message: "ingress closes every pod of shop, but not for egress",
        },
      ],
    });
  });

  it("names the other workloads that are open, with their places", () => {
    const [finding] = findingsOf(defaultDeny, PODS + EGRESS + select("db"));
    expect(finding!.message).toMatch(/^Everyone may connect to shop\/api and shop\/web \(2 pods today\)/);
    expect(finding!.position).toMatchObject({ line: 9, column: 35 });
    expect(finding!.related).toMatchObject([{ position: { line: 4 }, message: "shop/web is open too" }]);
  });

  it.each([
    ["fewer pods are closed than open", PODS + EGRESS + select("db")],
    ["it is kube-system", (PODS + EGRESS + select("api") + select("db")).replaceAll("shop", "kube-system")],
    [
      "what is open declares no port",
      (PODS + EGRESS + select("api") + select("db")).replace(/, ports:.*(?=\}\])/, ""),
    ],
    [
      "what is open is a job",
      `${PODS.replace("kind: Pod", "kind: Job")
        .replace("apiVersion: v1", "apiVersion: batch/v1")
        .replace(
          /spec: (.*)/,
          "spec: {template: {metadata: {labels: {app: web}}, spec: $1}}",
        )}${EGRESS}${select("api")}${select("db")}`,
    ],
  ])("is only an info where %s", (_, text) => {
    expect(findingsOf(defaultDeny, text)).toMatchObject([{ code: "unselected-pods", severity: "info" }]);
  });

  it.each([
    ["every pod is selected", PODS + ALL],
    [
      "a rule lets everyone in on purpose",
      PODS +
        EGRESS +
        INGRESS +
        policyText("web", "spec: {podSelector: {matchLabels: {app: web}}, ingress: [{}]}"),
    ],
    [
      "Baseline denies what no policy selects",
      PODS +
        EGRESS +
        select("db") +
        clusterPolicyText("Baseline", "  ingress: [{action: Deny, from: [{namespaces: {}}]}]"),
    ],
    [
      "the pod is on the host network",
      PODS.replace("spec: {", "spec: {hostNetwork: true, ") + EGRESS + INGRESS,
    ],
  ])("says nothing where %s", (_, text) => {
    expect(findingsOf(defaultDeny, text)).toEqual([]);
  });

  it("does not take a denied port for a default deny", () => {
    const text =
      PODS +
      EGRESS +
      select("api") +
      select("db") +
      clusterPolicyText(
        "Admin",
        "  ingress: [{action: Deny, from: [{namespaces: {}}], protocols: [{tcp: {destinationPort: {number: 22}}}]}]",
      );
    expect(findingsOf(defaultDeny, text)).toMatchObject([{ code: "unselected-pods" }]);
  });

  it("gives no fix where the name of its policy is taken", () => {
    const text = PODS + EGRESS + select("db").replace("name: db", "name: default-deny-ingress");
    expect(findingsOf(defaultDeny, text)[0]).not.toHaveProperty("fix");
  });
});

describe("no-default-deny", () => {
  it("tells once of all namespaces in which nothing is closed, for each direction", () => {
    const text = PODS + podText("lab/job", "app: job") + nodeText("n1", "192.0.2.1");
    const findings = findingsOf(defaultDeny, text);
    expect(placesOf(findings)).toEqual(["19:34 info no-default-deny", "19:34 info no-default-deny"]);
    expect(findings.map(({ message }) => message)).toEqual([
      "Everyone may connect to 4 pods of namespaces lab and shop: no policy closes them.",
      "4 pods of namespaces lab and shop may connect to everything, the metadata address 169.254.169.254 of clouds and the kubelets of 1 node included: no policy closes their egress.",
    ]);
  });

  it("tells that pods are open which are not there yet", () => {
    const text = `${PODS}${EGRESS}${["web", "api", "db"].map((app) => select(app)).join("")}`;
    const findings = findingsOf(defaultDeny, text);
    expect(placesOf(findings)).toEqual(["30:8 info no-default-deny"]);
    expect(findings[0]).toMatchObject({
      message:
        "A pod of namespace shop that no policy selects would be open to everyone: the policies select the pods of today, but none selects every pod.",
      fix: { safe: false, edits: [{ kind: "append-document", file: "input.yaml" }] },
    });
  });

  it("tells it of policies without any pods", () => {
    const [finding, ...others] = findingsOf(defaultDeny, select("db", "Egress"));
    expect(others).toEqual([]);
    expect(finding!.message).toBe(
      "A pod of namespace shop that no policy selects could connect to everything: the policies select some pods, and none selects every pod.",
    );
  });

  it.each([
    ["policies for every pod", PODS + ALL],
    ["policies for every pod, and no pods", ALL],
    ["kube-system", podText("kube-system/dns", "app: dns")],
    ["a namespace without pods where others have some", PODS + ALL + select("db").replace("shop", "shoop")],
    [
      "Baseline",
      PODS +
        clusterPolicyText(
          "Baseline",
          "  ingress: [{action: Deny, from: [{namespaces: {}}]}]\n  egress: [{action: Deny, to: [{namespaces: {}}, {networks: [0.0.0.0/0]}]}]",
        ),
    ],
    ["nothing at all", ""],
  ])("says nothing of %s", (_, text) => {
    expect(findingsOf(defaultDeny, text)).toEqual([]);
  });

  it("does not take it for limited egress that the metadata address is denied", () => {
    const text =
      PODS +
      INGRESS +
      clusterPolicyText("Admin", "  egress: [{action: Deny, to: [{networks: [169.254.169.254/32]}]}]");
    expect(findingsOf(defaultDeny, text)).toMatchObject([
      {
        code: "no-default-deny",
        severity: "info",
        message: "3 pods of namespace shop may connect to nearly everything: no policy closes their egress.",
      },
    ]);
  });
});
