import { describe, expect, it } from "vitest";
import {
  ANP_HEAD,
  anp,
  banp,
  CNP_HEAD,
  cnp,
  ORDER,
  parsePolicies,
  peer,
  port,
  protocol,
  rules,
  SUBJECT,
} from "./cluster-policy-text.fixture.ts";
import type { FINDING_CODES } from "./finding-codes.ts";

type Code = keyof typeof FINDING_CODES;

// Each text has one § before the place where the finding belongs. A warning leaves the policy whole.
type Case = readonly [name: string, text: string, code: Code, severity?: "warning"];

const times = (count: number, text: string): string => Array.from({ length: count }, () => text).join(", ");
const RULE = "{action: Deny, from: [{namespaces: {}}]}";
const BLOCKS = Array.from({ length: 26 }, (_, index) => `10.${index}.0.0/16`).join(", ");

const HEADS: readonly Case[] = [
  ["no apiVersion", `§${CNP_HEAD.replace(/^.*\n/, "")}spec: {}\n`, "missing-field"],
  [
    "an unknown version",
    CNP_HEAD.replace(" policy", " §policy").replace("v1alpha2", "v1alpha1"),
    "unsupported-version",
  ],
  [
    "a version to come",
    CNP_HEAD.replace(" policy", " §policy").replace("v1alpha2", "v1"),
    "unsupported-version",
  ],
  ["the group of NetworkPolicy", CNP_HEAD.replace(" policy.", " §"), "unsupported-version"],
  ["a misspelt group", CNP_HEAD.replace(" policy.", " §polcy."), "unsupported-version"],
  ["a misspelt kind", CNP_HEAD.replace("Cluster", "§Clutser"), "unknown-value"],
  ["a kind in lower case", ANP_HEAD.replace("AdminNetworkPolicy", "§adminnetworkpolicy"), "unknown-value"],
  ["no kind", `§${rules("").replace(/kind:.*\n/, "")}`, "missing-field"],
  ["a number as kind", rules("").replace("ClusterNetworkPolicy", "§1"), "wrong-type"],
  ["a name with capitals", rules("").replace("{name: p}", "{name: §P}"), "bad-name"],
  ["no name", rules("").replace("metadata: {name: p}", "§metadata: {}"), "missing-field"],
  ["a namespace", rules("").replace("{name: p}", "{name: p, §namespace: shop}"), "cluster-scoped", "warning"],
  ["a baseline policy of another name", banp("").replace("{name: default}", "{name: §base}"), "bad-name"],
  ["spec fields outside spec", `${rules("")}§ingress: []\n`, "unknown-field"],
  ["spec fields in metadata", rules("").replace("{name: p}", "{name: p, §tier: Admin}"), "unknown-field"],
  [
    "a lost policy in broken text",
    `§${CNP_HEAD}a: "x\n`.replace("§", "").replace("kind:", "§kind:"),
    "policy-unreadable",
  ],
];

const SPECS: readonly Case[] = [
  ["no spec", `§${CNP_HEAD}`, "missing-field"],
  ["a spec that is a list", `${CNP_HEAD}spec:\n§- tier: Admin\n`, "wrong-type"],
  ["no tier", `${CNP_HEAD}§spec: {priority: 1, subject: {namespaces: {}}}\n`, "missing-field"],
  ["a tier in lower case", cnp(`tier: §admin\npriority: 1\n${SUBJECT}`), "unknown-value"],
  ["the tier of NetworkPolicies", cnp(`tier: §NetworkPolicy\npriority: 1\n${SUBJECT}`), "unknown-value"],
  ["a doubled tier", cnp(`${ORDER}\n§tier: Baseline\n${SUBJECT}`), "duplicate-key"],
  ["no priority", `${CNP_HEAD}§spec: {tier: Admin, subject: {namespaces: {}}}\n`, "missing-field"],
  ["priority 1001", cnp(`tier: Admin\npriority: §1001\n${SUBJECT}`), "bad-priority"],
  ["priority -1", cnp(`tier: Admin\npriority: §-1\n${SUBJECT}`), "bad-priority"],
  ["a priority with a fraction", cnp(`tier: Admin\npriority: §1.5\n${SUBJECT}`), "bad-priority"],
  ["a priority in quotes", cnp(`tier: Admin\npriority: §"1"\n${SUBJECT}`), "wrong-type"],
  ["no subject", `${CNP_HEAD}§spec: {tier: Admin, priority: 1}\n`, "missing-field"],
  ["a subject without value", cnp(`${ORDER}\n§subject:`), "missing-field"],
  ["an empty subject", cnp(`${ORDER}\n§subject: {}`), "one-of"],
  ["a subject of two kinds", cnp(`${ORDER}\nsubject: {namespaces: {}, §pods: {podSelector: {}}}`), "one-of"],
  ["a subject of an unknown kind", cnp(`${ORDER}\nsubject: {§nodes: {}}`), "unknown-field"],
  ["a subject that is text", cnp(`${ORDER}\nsubject: §shop`), "wrong-type"],
  ["namespaces that is text", cnp(`${ORDER}\nsubject: {namespaces: §shop}`), "wrong-type"],
  ["a selector without matchLabels", cnp(`${ORDER}\nsubject: {namespaces: {§team: a}}`), "unknown-field"],
  ["pods without podSelector", cnp(`${ORDER}\nsubject: {§pods: {namespaceSelector: {}}}`), "missing-field"],
  [
    "pods without namespaceSelector",
    cnp(`${ORDER}\nsubject: {§pods: {podSelector: {}}}`),
    "every-namespace",
    "warning",
  ],
  [
    "pods with an unknown field",
    cnp(`${ORDER}\nsubject: {pods: {podSelector: {}, namespaceSelector: {}, §namespace: a}}`),
    "unknown-field",
  ],
  ["policyTypes", rules("§policyTypes: [Ingress]"), "unknown-field"],
  ["a podSelector", rules("§podSelector: {}"), "unknown-field"],
  ["a rule right in the spec", rules("§action: Deny"), "unknown-field"],
];

const RULES: readonly Case[] = [
  ["rules as a mapping", rules("ingress:\n  §action: Deny"), "wrong-type"],
  ["rules as text", rules("ingress: §Deny"), "wrong-type"],
  ["26 rules", rules(`§ingress: [${times(26, RULE)}]`), "too-many-items"],
  ["an empty rule", rules("ingress:\n§-"), "empty-list-item"],
  ["a rule that is text", rules("ingress: [§Deny]"), "wrong-type"],
  ["no action", rules("ingress: [§{from: [{namespaces: {}}]}]"), "missing-field"],
  ["an action in lower case", rules("ingress: [{action: §deny, from: [{namespaces: {}}]}]"), "unknown-value"],
  [
    "the action of AdminNetworkPolicy",
    rules("ingress: [{action: §Allow, from: [{namespaces: {}}]}]"),
    "unknown-value",
  ],
  ["no from", rules("ingress: [§{action: Deny}]"), "missing-field"],
  ["no to", rules("egress: [§{action: Deny}]"), "missing-field"],
  ["an empty from", rules("ingress: [{action: Deny, §from: []}]"), "empty-list"],
  [
    "26 peers",
    rules(`ingress: [{action: Deny, §from: [${times(26, "{namespaces: {}}")}]}]`),
    "too-many-items",
  ],
  ["from as a mapping", rules("ingress: [{action: Deny, from: §{namespaces: {}}}]"), "wrong-type"],
  ["to under ingress", rules("ingress: [{action: Deny, §to: [{namespaces: {}}]}]"), "unknown-field"],
  ["from under egress", rules("egress: [{action: Deny, §from: [{namespaces: {}}]}]"), "unknown-field"],
  ["a peer right in the rule", rules("ingress: [{action: Deny, §namespaces: {}}]"), "unknown-field"],
  ["ports", rules("ingress: [{action: Deny, from: [{namespaces: {}}], §ports: []}]"), "unknown-field"],
  [
    "a long name",
    rules(`ingress: [{name: §${"x".repeat(101)}, action: Deny, from: [{namespaces: {}}]}]`),
    "rule-name-too-long",
  ],
  ["a number as name", rules("ingress: [{name: §1, action: Deny, from: [{namespaces: {}}]}]"), "wrong-type"],
  [
    "empty protocols",
    rules("ingress: [{action: Deny, from: [{namespaces: {}}], §protocols: []}]"),
    "empty-list",
  ],
  [
    "26 protocols",
    rules(
      `ingress: [{action: Deny, from: [{namespaces: {}}], §protocols: [${times(26, "{destinationNamedPort: a}")}]}]`,
    ),
    "too-many-items",
  ],
  [
    "protocols as a mapping",
    rules("ingress: [{action: Deny, from: [{namespaces: {}}], protocols: §{destinationNamedPort: a}}]"),
    "wrong-type",
  ],
];

const PEERS: readonly Case[] = [
  ["an empty item", rules("ingress:\n- action: Deny\n  from:\n  §-"), "empty-list-item"],
  ["text", peer("§web"), "wrong-type"],
  ["an empty mapping", peer("§{}"), "unknown-matcher", "warning"],
  ["a field without value", peer("§namespaces:"), "unknown-matcher", "warning"],
  ["a field of a newer API", peer("§services: {}"), "unknown-matcher", "warning"],
  ["a field of NetworkPolicy", peer("§podSelector: {}"), "unknown-matcher", "warning"],
  ["a misspelt field", peer("§namespace: {}"), "unknown-matcher", "warning"],
  [
    "networks in ingress",
    rules("ingress: [{action: Deny, from: [{§networks: [10.0.0.0/8]}]}]"),
    "unknown-matcher",
    "warning",
  ],
  ["two kinds", peer("{namespaces: {}, §networks: [10.0.0.0/8]}"), "one-of"],
  ["a kind and an unknown field", peer("{namespaces: {}, §services: {}}"), "unknown-field"],
  ["protocols inside", peer("{namespaces: {}, §protocols: []}"), "unknown-field"],
  ["pods with matchLabels", peer("pods: {§matchLabels: {a: b}, podSelector: {}}"), "unknown-field"],
  ["nodes that is text", peer("nodes: §node-1"), "wrong-type"],
  ["a bad selector of nodes", peer("nodes: {matchLabels: {a: §yes}}"), "label-not-string"],
  ["networks as text", peer("networks: §10.0.0.0/8"), "wrong-type"],
  ["no networks", peer("§networks: []"), "empty-list"],
  ["26 networks", peer(`§networks: [${BLOCKS}]`), "too-many-items"],
  ["a network twice", peer("networks: [10.0.0.0/8, '::/0', §10.0.0.0/8]"), "duplicate-item"],
  ["a network without prefix", peer("networks: [§10.0.0.1]"), "bad-cidr"],
  ["a network without value", peer("networks: [10.0.0.0/8, §~]"), "wrong-type"],
  ["a network with host bits", peer("networks: [§10.0.0.5/24]"), "cidr-not-canonical", "warning"],
  ["a network with leading zeros", peer("networks: [§010.0.0.0/8]"), "bad-cidr"],
  ["a network with a zero before its prefix", peer("networks: [§10.0.0.0/08]"), "bad-cidr"],
  ["a mapped network", peer("networks: [§'::ffff:10.0.0.0/104']"), "bad-cidr"],
  ["domains", peer("§domainNames: ['*.example.com', example.org]"), "needs-resolver", "warning"],
  ["domains to deny", peer("§domainNames: [example.com]", "Deny"), "domain-names-action"],
  ["domains to pass", peer("§domainNames: [example.com]", "Pass"), "domain-names-action"],
  ["no domains", peer("§domainNames: []"), "empty-list"],
  [
    "26 domains",
    peer(`§domainNames: [${Array.from({ length: 26 }, (_, i) => `a${i}.b`).join(", ")}]`),
    "too-many-items",
  ],
  ["a domain twice", peer("domainNames: [a.example, §a.example]"), "duplicate-item"],
  ["a domain with a URL", peer("domainNames: [§'https://example.com/']"), "bad-domain-name"],
  ["a domain of one label", peer("domainNames: [§localhost]"), "bad-domain-name"],
  ["a star within", peer("domainNames: [§a.*.example.com]"), "bad-domain-name"],
  ["a star within a label", peer("domainNames: [§'*a.example.com']"), "bad-domain-name"],
  ["a star alone", peer("domainNames: [§'*']"), "bad-domain-name"],
  ["a domain with a space", peer("domainNames: [§a b.example]"), "bad-domain-name"],
  ["a domain that is a number", peer("domainNames: [§1.5]"), "wrong-type"],
  [
    "networks with a named port",
    rules(
      "egress: [{action: Deny, to: [{networks: [10.0.0.0/8]}], protocols: [§{destinationNamedPort: web}]}]",
    ),
    "named-port-without-pods",
  ],
  [
    "nodes with a named port",
    rules(
      "egress: [{action: Deny, to: [{namespaces: {}}, {nodes: {}}], protocols: [§{destinationNamedPort: web}]}]",
    ),
    "named-port-without-pods",
  ],
];

const PROTOCOLS: readonly Case[] = [
  [
    "an empty item",
    rules("ingress:\n- action: Deny\n  from: [{namespaces: {}}]\n  protocols:\n  §-"),
    "empty-list-item",
  ],
  ["text", protocol("§TCP"), "wrong-type"],
  ["an empty mapping", protocol("§{}"), "unknown-matcher", "warning"],
  ["a field of a newer API", protocol("§icmp: {}"), "unknown-matcher", "warning"],
  ["capitals", protocol("§TCP: {destinationPort: {number: 80}}"), "unknown-matcher", "warning"],
  ["tcp without anything", protocol("§tcp: {}"), "unknown-matcher", "warning"],
  ["tcp with an unknown field", protocol("tcp: {§sourcePort: 1}"), "unknown-matcher", "warning"],
  [
    "tcp with a port and an unknown field",
    protocol("tcp: {destinationPort: {number: 80}, §flags: SYN}"),
    "unknown-matcher",
    "warning",
  ],
  ["an empty destinationPort", protocol("tcp: {§destinationPort: {}}"), "unknown-matcher", "warning"],
  [
    "an unknown destinationPort",
    protocol("tcp: {destinationPort: {§list: [1, 2]}}"),
    "unknown-matcher",
    "warning",
  ],
  ["an empty port name", protocol('§destinationNamedPort: ""'), "unknown-matcher", "warning"],
  [
    "two protocols",
    protocol("{tcp: {destinationPort: {number: 1}}, §udp: {destinationPort: {number: 1}}}"),
    "one-of",
  ],
  [
    "a number and a range",
    protocol("tcp: {destinationPort: {number: 1, §range: {start: 1, end: 2}}}"),
    "one-of",
  ],
  ["a bare number", protocol("tcp: {destinationPort: §80}"), "wrong-type"],
  ["tcp as a number", protocol("tcp: §80"), "wrong-type"],
  ["port 0", protocol("tcp: {destinationPort: {number: §0}}"), "bad-port"],
  ["port 65536", protocol("udp: {destinationPort: {number: §65536}}"), "bad-port"],
  ["a port in quotes", protocol('sctp: {destinationPort: {number: §"80"}}'), "wrong-type"],
  ["a range of one port", protocol("tcp: {destinationPort: {§range: {start: 5, end: 5}}}"), "bad-port-range"],
  [
    "a range that ends below",
    protocol("tcp: {destinationPort: {§range: {start: 6, end: 5}}}"),
    "bad-port-range",
  ],
  ["a range without end", protocol("tcp: {destinationPort: {§range: {start: 5}}}"), "missing-field"],
  [
    "a range with a port",
    protocol("tcp: {destinationPort: {range: {start: 5, end: 6, §port: 5}}}"),
    "unknown-field",
  ],
  ["a range up to 65536", protocol("tcp: {destinationPort: {range: {start: 5, end: §65536}}}"), "bad-port"],
  ["a number as port name", protocol("destinationNamedPort: §80"), "wrong-type"],
  ["a port name in capitals", protocol("destinationNamedPort: §HTTP"), "bad-port-name", "warning"],
];

const ADMIN: readonly Case[] = [
  ["a tier", anp("§tier: Admin"), "unknown-field"],
  ["a priority out of range", anp("").replace("priority: 1", "priority: §1001"), "bad-priority"],
  ["the action Accept", anp("ingress: [{action: §Accept, from: [{namespaces: {}}]}]"), "unknown-value"],
  ["101 rules", anp(`§ingress: [${times(101, RULE)}]`), "too-many-items"],
  [
    "101 peers",
    anp(`ingress: [{action: Deny, §from: [${times(101, "{namespaces: {}}")}]}]`),
    "too-many-items",
  ],
  ["protocols", anp("ingress: [{action: Deny, from: [{namespaces: {}}], §protocols: []}]"), "unknown-field"],
  [
    "pods without namespaceSelector",
    anp("ingress: [{action: Deny, from: [{§pods: {podSelector: {}}}]}]"),
    "missing-field",
  ],
  [
    "the peers of the first version",
    anp("ingress: [{action: Deny, from: [{namespaces: {§namespaceSelector: {}}}]}]"),
    "unknown-field",
  ],
  ["sameLabels", anp("ingress: [{action: Deny, from: [{namespaces: {§sameLabels: [a]}}]}]"), "unknown-field"],
  ["an empty port", port("§{}"), "unknown-matcher", "warning"],
  ["a port of NetworkPolicy", port("§port: 80"), "unknown-matcher", "warning"],
  ["two ports in one entry", port("{portNumber: {port: 1}, §namedPort: a}"), "one-of"],
  ["a bare number", port("portNumber: §80"), "wrong-type"],
  ["portNumber without port", port("§portNumber: {protocol: TCP}"), "missing-field"],
  ["an unknown protocol", port("portNumber: {protocol: §ICMP, port: 1}"), "unknown-protocol"],
  ["a range that ends below", port("§portRange: {start: 6, end: 5}"), "bad-port-range"],
  ["port 0", port("portNumber: {port: §0}"), "bad-port"],
  ["an unknown field of portNumber", port("portNumber: {port: 1, §number: 1}"), "unknown-field"],
  ["a number as port name", port("namedPort: §80"), "wrong-type"],
  ["a port name in capitals", port("namedPort: §HTTP"), "bad-port-name", "warning"],
  [
    "domains to allow",
    anp("egress: [{action: Allow, to: [{§domainNames: [a.example]}]}]"),
    "needs-resolver",
    "warning",
  ],
  [
    "networks with a named port",
    anp("egress: [{action: Deny, to: [{networks: [10.0.0.0/8]}], ports: [§{namedPort: web}]}]"),
    "named-port-without-pods",
  ],
  ["Pass in the baseline", banp("ingress: [{action: §Pass, from: [{namespaces: {}}]}]"), "unknown-value"],
  ["a priority in the baseline", banp("§priority: 1"), "unknown-field"],
  [
    "domains in the baseline",
    banp("egress: [{action: Allow, to: [{§domainNames: [a.example]}]}]"),
    "unknown-matcher",
    "warning",
  ],
];

describe.each([
  ["heads", HEADS],
  ["specs", SPECS],
  ["rules", RULES],
  ["peers", PEERS],
  ["protocols", PROTOCOLS],
  ["admin policies", ADMIN],
])("wrong %s", (_name, cases) => {
  for (const [name, text, code, severity = "error"] of cases) {
    it(name, () => {
      expect(text.split("§")).toHaveLength(2);
      const { place, found, messages, policies } = parsePolicies(text);
      expect(found).toContain(`${place} ${severity} ${code}`);
      expect(messages).not.toMatch(/undefined|\[object|NaN|Symbol\(/);
      expect(policies.map(({ broken }) => broken)).toEqual(
        code === "policy-unreadable" ? [] : [severity === "error"],
      );
    });
  }
});
