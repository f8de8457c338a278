import { describe, expect, it } from "vitest";
import {
  ANP_HEAD,
  anp,
  BANP_HEAD,
  banp,
  CNP_HEAD,
  cnp,
  ORDER,
  parsePolicies,
  peer,
  policyOf,
  port,
  protocol,
  rules,
  SUBJECT,
} from "./cluster-policy-text.fixture.ts";
import { parseManifests } from "./manifests.ts";

const times = (count: number, text: string): string => Array.from({ length: count }, () => text).join(", ");
const RULE = "{action: Deny, from: [{namespaces: {}}]}";

describe("right policies", () => {
  it.each([
    ["without rules", cnp(`${ORDER}\n${SUBJECT}`)],
    ["with empty lists of rules", rules("ingress: []\negress: []")],
    ["with lists without value", rules("ingress:\negress:")],
    ["with a status", `${rules("")}status: {conditions: []}\n`],
    ["of the tier Baseline at the last priority", cnp(`tier: Baseline\npriority: 1000\n${SUBJECT}`)],
    ["with 25 rules", rules(`ingress: [${times(25, RULE)}]`)],
    [
      "with a name of 100 characters",
      rules(`ingress: [{name: ${"🐈".repeat(100)}, action: Pass, from: [{namespaces: {}}]}]`),
    ],
    ["with a range", protocol("tcp: {destinationPort: {range: {start: 5, end: 6}}}")],
    ["of AdminNetworkPolicy with 100 rules", anp(`ingress: [${times(100, RULE)}]`)],
    ["of AdminNetworkPolicy with a range of one port", port("portRange: {protocol: SCTP, start: 5, end: 5}")],
    ["for the baseline", banp("egress: [{action: Deny, to: [{networks: ['::/0']}, {nodes: {}}]}]")],
  ])("%s have no finding", (_name, text) => {
    expect(parsePolicies(text).messages).toBe("");
    expect(policyOf(text)).toMatchObject({ broken: false, closes: [] });
  });

  it("keep all that they say", () => {
    const text = cnp(`tier: Baseline
priority: 7
subject: {pods: {namespaceSelector: {matchLabels: {a: b}}, podSelector: {}}}
ingress:
- name: first
  action: Pass
  from: [{namespaces: {}}, {pods: {namespaceSelector: {}, podSelector: {matchLabels: {c: d}}}}]
  protocols:
  - tcp: {destinationPort: {number: 80}}
  - udp: {destinationPort: {range: {start: 1, end: 2}}}
  - destinationNamedPort: web
egress:
- action: Deny
  to: [{nodes: {}}, {networks: [10.0.0.0/8, '::/0']}]`);
    expect(policyOf(text)).toMatchObject({
      kind: "ClusterNetworkPolicy",
      name: "p",
      spec: {
        tier: "Baseline",
        priority: 7,
        subject: { pods: { namespaceSelector: { matchLabels: { a: "b" } }, podSelector: {} } },
        ingress: [
          {
            name: "first",
            action: "Pass",
            from: [
              { namespaces: {} },
              { pods: { namespaceSelector: {}, podSelector: { matchLabels: { c: "d" } } } },
            ],
            protocols: [
              { tcp: { destinationPort: { number: 80 } } },
              { udp: { destinationPort: { range: { start: 1, end: 2 } } } },
              { destinationNamedPort: "web" },
            ],
          },
        ],
        egress: [{ action: "Deny", to: [{ nodes: {} }, { networks: ["10.0.0.0/8", "::/0"] }] }],
      },
    });
  });

  it("come out of a list of their kind", () => {
    const item = `{metadata: {name: a}, spec: {tier: Admin, priority: 1, ${SUBJECT}}}`;
    const list = `apiVersion: policy.networking.k8s.io/v1alpha2\nkind: ClusterNetworkPolicyList\nitems: [${item}]\n`;
    expect(policyOf(list)).toMatchObject({ kind: "ClusterNetworkPolicy", name: "a", broken: false });
  });

  it("of one name are doubles only within a kind", () => {
    expect(parsePolicies(`${rules("")}---\n${anp("")}`).found).toEqual([]);
    expect(parsePolicies(`${rules("")}---\n${rules("")}`).found).toEqual(["f:12:18 error duplicate-object"]);
  });
});

describe("what is not known", () => {
  it("becomes a peer or a protocol without any field", () => {
    const text = rules(
      "ingress: [{action: Deny, from: [{services: {}}, {namespaces: {}}], protocols: [{icmp: {}}, {tcp: {}}, {tcp: {destinationPort: {list: []}}}]}]",
    );
    expect(policyOf(text).spec.ingress).toEqual([
      { action: "Deny", from: [{}, { namespaces: {} }], protocols: [{}, {}, {}] },
    ]);
  });

  it("is not read as less than it says", () => {
    const text = protocol("tcp: {destinationPort: {number: 80}, flags: SYN}");
    expect(policyOf(text).spec.ingress).toMatchObject([{ protocols: [{}] }]);
  });
});

describe("a broken policy", () => {
  const deny = "[{action: Deny, from: [{namespaces: {}}]}]";
  const denyTo = "[{action: Deny, to: [{namespaces: {}}]}]";

  it.each<[string, string, string[]]>([
    ["with ingress rules", rules(`bad: 1\ningress: ${deny}\negress: []`), ["ingress"]],
    ["with a wrong ingress rule", rules("ingress: [{action: Deny}]"), ["ingress"]],
    ["with a wrong egress rule", rules("egress: [{action: Deny}]"), ["egress"]],
    ["with rules that are no list", rules("egress: {action: Deny}"), ["egress"]],
    ["with both", rules(`ingress: ${deny}\negress: [{}]`), ["ingress", "egress"]],
    ["without rules and a wrong tier", cnp(`tier: admin\npriority: 1\n${SUBJECT}`), []],
    [
      "without rules in one direction",
      cnp(`tier: admin\npriority: 1\n${SUBJECT}\ningress: ${deny}`),
      ["ingress"],
    ],
    ["with a misspelt direction", rules(`ingress: ${deny}\negres: ${denyTo}`), ["ingress", "egress"]],
    ["with rules outside spec", `${rules("")}egress: ${denyTo}\n`, ["ingress", "egress"]],
    ["without spec", CNP_HEAD, ["ingress", "egress"]],
    ["with a spec that is text", `${CNP_HEAD}spec: x\n`, ["ingress", "egress"]],
    ["with doubled rules", rules(`ingress: ${deny}\ningress: ${deny}`), ["ingress"]],
  ])("%s closes only the directions for which it may have rules", (_name, text, closes) => {
    expect(policyOf(text)).toMatchObject({ broken: true, closes });
    expect(policyOf(text).spec).not.toHaveProperty("ingress");
    expect(policyOf(text).spec).not.toHaveProperty("egress");
  });

  it("keeps tier, priority and subject that can be read", () => {
    const subject = { pods: { namespaceSelector: {}, podSelector: { matchLabels: { a: "b" } } } };
    const text = cnp(`tier: Baseline\npriority: 7\nsubject: ${JSON.stringify(subject)}\ningress: [{}]`);
    expect(policyOf(text).spec).toEqual({ tier: "Baseline", priority: 7, subject });
  });

  it("is of the tier Admin, first and about every pod where that cannot be read", () => {
    const text = cnp(
      `tier: 1\npriority: x\nsubject: {pods: {podSelector: {matchLabels: {a: yes}}}}\ningress: [{}]`,
    );
    expect(policyOf(text).spec).toEqual({ tier: "Admin", priority: 0, subject: { namespaces: {} } });
  });

  it("is about every pod if its subject has a field too many", () => {
    const text = cnp(`${ORDER}\nsubject: {namespaces: {matchLabels: {a: b}}, nodes: {}}`);
    expect(policyOf(text).spec.subject).toEqual({ namespaces: {} });
  });

  it("has a name of its own where it names none", () => {
    expect(policyOf(`---\n${rules("").replace("{name: p}", "{}")}`).name).toBe("policy-at-line-2");
  });

  it.each([
    ["ClusterNetworkPolicy", CNP_HEAD.replace("Cluster", "Clutser")],
    ["AdminNetworkPolicy", ANP_HEAD.replace("Admin", "Adnim")],
    ["BaselineAdminNetworkPolicy", BANP_HEAD.replace("Baseline", "BaseLine")],
  ])("is a %s if its kind is nearly that", (kind, head) => {
    expect(policyOf(`${head}spec: {}\n`)).toMatchObject({ kind, broken: true });
  });

  it.each([
    ["ClusterNetworkPolicy", CNP_HEAD],
    ["AdminNetworkPolicy", ANP_HEAD],
    ["BaselineAdminNetworkPolicy", BANP_HEAD],
  ])("is a %s if only the kind is missing", (kind, head) => {
    const priority = kind === "AdminNetworkPolicy" ? "priority: 1, " : "";
    const text = `${head.replace(/kind:.*\n/, "")}spec: {${priority}${SUBJECT}}\n`;
    expect(policyOf(text)).toMatchObject({ kind, broken: true });
  });
});

describe("what a message says", () => {
  it.each([
    ["that an Accept rule allows nothing", peer("services: {}"), "this Accept rule allows nothing at all"],
    ["that a Deny rule denies all", peer("services: {}", "Deny"), "this Deny rule denies all egress traffic"],
    ["that a Pass rule denies all", peer("services: {}", "Pass"), "this Pass rule denies all egress traffic"],
    ["the place of what is not known", peer("services: {}"), "spec.egress[0].to[0]"],
    ["its name", peer("services: {}"), '("services")'],
    [
      "the field that was meant",
      peer("namespace: {}"),
      "namespaces: {matchLabels: {kubernetes.io/metadata.name: NAME}}",
    ],
    ["the field that was misspelt", peer("netwroks: []"), "Did you mean networks?"],
    ["how pods are written", peer("podSelector: {}"), "- pods: {namespaceSelector: ..., podSelector: ...}"],
    [
      "that networks are for egress",
      rules("ingress: [{action: Deny, from: [{networks: []}]}]"),
      "no networks in ingress",
    ],
    ["what the field without value needs", peer("namespaces:"), "namespaces is written without a value"],
    [
      "the other word for Allow",
      rules("ingress: [{action: Allow, from: [{namespaces: {}}]}]"),
      "Write Accept",
    ],
    [
      "the other word for Accept",
      anp("ingress: [{action: Accept, from: [{namespaces: {}}]}]"),
      "Write Allow",
    ],
    [
      "the version",
      CNP_HEAD.replace("v1alpha2", "v1beta1"),
      "Use apiVersion: policy.networking.k8s.io/v1alpha2.",
    ],
    ["how a port is written", protocol("port: 80"), "- tcp: {destinationPort: {number: 80}}"],
    [
      "the swapped range",
      protocol("tcp: {destinationPort: {range: {start: 9, end: 5}}}"),
      "start: 5, end: 9",
    ],
    [
      "the number for a range of one",
      protocol("tcp: {destinationPort: {range: {start: 9, end: 9}}}"),
      "number: 9",
    ],
    ["the host of a URL", peer("domainNames: ['https://example.com/a']"), "Write example.com,"],
    ["what the lost text held", `${BANP_HEAD}a: "x\n`, "There is a BaselineAdminNetworkPolicy in this text"],
  ])("%s", (_name, text, words) => {
    expect(parsePolicies(text).messages).toContain(words);
  });

  it("names the object without a namespace", () => {
    const { findings } = parseManifests([{ file: "f", text: rules("bad: 1") }]);
    expect(findings.map(({ object }) => object)).toEqual(["ClusterNetworkPolicy p"]);
  });
});
