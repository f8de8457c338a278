import { describe, expect, it } from "vitest";
import type { FINDING_CODES } from "./finding-codes.ts";
import { formatPosition } from "./location.ts";
import { parseManifests } from "./manifests.ts";

// Each text has one § before the place where the finding belongs.
type Case = readonly [name: string, text: string, code: keyof typeof FINDING_CODES, severity?: "warning"];

const HEAD = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: p}\n";

/** A policy with this spec, indented by two. */
function policy(spec: string): string {
  return `${HEAD}spec:\n${spec.replace(/^/gm, "  ")}\n`;
}

function ingress(rule: string): string {
  return policy(`podSelector: {}\ningress:\n${rule}`);
}

function peer(text: string): string {
  return ingress(`- from:\n  - ${text}`);
}

function port(text: string): string {
  return ingress(`- ports:\n  - ${text}`);
}

function pod(rest: string): string {
  return `apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\n${rest}`;
}

const TEXT: readonly Case[] = [
  ["a tab", "kind: Pod\nmetadata:\n§\tname: x\n", "yaml-tab"],
  ["a tab after spaces", "kind: Pod\nlist:\n  - a: 1\n  §\tb: 2\n", "yaml-tab"],
  ["a tab before a dash", "kind: Pod\nlist:\n§\t- a\n", "yaml-tab"],
  ["no colon", "kind: Pod\n§spec\n  a: 1\n", "yaml-syntax"],
  ["no space after the colon", "kind: Pod\n§a:b\nc: d\n", "yaml-syntax"],
  ["an open quote", 'kind: Pod\na: §"x\nb: y\n', "yaml-syntax"],
  ["an open bracket", "kind: Pod\na: §[1, [2]\nb: 2\n", "yaml-syntax"],
  ["too much indent", "kind: Pod\n §spec: 1\n", "yaml-syntax"],
  ["crooked indent", "kind: Pod\nspec:\n  a: 1\n §b: 2\n", "yaml-syntax"],
  ["two colons", "kind: Pod\na: §b: c\n", "yaml-syntax"],
  ["a reserved character", "kind: Pod\na: §@b\n", "yaml-syntax"],
  ["an unknown alias", "kind: Pod\na: §*b\n", "yaml-syntax"],
  ["a wrong merge", "kind: Pod\na:\n  <<: §5\n", "yaml-syntax"],
  ["a tag that does not fit", "kind: Pod\na: §!!int x\n", "yaml-syntax"],
  ["a Helm template", "kind: Pod\na: {§{ .Values.x }}\n", "yaml-syntax"],
  ["a Git conflict", "§<<<<<<< HEAD\nkind: Pod\n=======\nkind: Job\n>>>>>>> b\n", "yaml-syntax"],
  ["an alias of itself", "kind: Pod\na: &x [§*x]\n", "yaml-aliases"],
  ["a doubled key", "kind: Secret\napiVersion: v1\ndata:\n  a: 1\n  §a: 2\n", "duplicate-key"],
  [
    "a merge after its keys",
    "apiVersion: v1\nkind: Secret\na: &x {b: 1}\nc: {b: 2, <<: §*x}\n",
    "duplicate-key",
  ],
  ["a doubled key in JSON", '{"apiVersion": "v1", "kind": "Secret",\n "a": 1, §"a": 2}', "duplicate-key"],
  ["a missing comma in JSON", '{\n "a": 1§\n "b": 2\n}', "json-syntax"],
  ["a comma too many in JSON", '{\n "a": [1§,]}\n{', "json-syntax"],
  ["an open brace in JSON", '§{"a": 1', "json-syntax"],
  ["values nested too deep", `kind: Pod\na: ${"[".repeat(499)}§[`, "yaml-syntax"],
  ["values nested too deep in JSON", `{"a": ${"[".repeat(499)}§[${"]".repeat(500)}}`, "json-syntax"],
  ["a NUL byte", "kind: Pod\na: b§\0\n", "not-text"],
  ["a policy in a broken text", '§kind: NetworkPolicy\nspec: "x\n', "policy-unreadable"],
  ["a policy in broken JSON", '{§"kind": "NetworkPolicy", "a": [}', "policy-unreadable"],
];

const OBJECTS: readonly Case[] = [
  ["values of Helm", "§replicas: 3\nimage: {tag: x}\n", "not-an-object", "warning"],
  ["Chart.yaml", "§apiVersion: v2\nname: chart\n", "not-an-object", "warning"],
  ["plain text", "§hello\n", "not-an-object", "warning"],
  ["a list of objects", "§- apiVersion: v1\n  kind: Pod\n  metadata: {name: p}\n", "not-an-object"],
  [
    "a policy of somebody else",
    "apiVersion: cilium.io/v2\nkind: §CiliumNetworkPolicy\nmetadata: {name: p}\n",
    "unsupported-kind",
    "warning",
  ],
  [
    "extensions/v1beta1",
    "apiVersion: §extensions/v1beta1\nkind: NetworkPolicy\nmetadata: {name: p}\nspec: {podSelector: {}}\n",
    "unsupported-version",
  ],
  [
    "networking.k8s.io/v1beta1",
    "apiVersion: §networking.k8s.io/v1beta1\nkind: NetworkPolicy\nmetadata: {name: p}\nspec: {podSelector: {}}\n",
    "unsupported-version",
  ],
  [
    "a misspelt group",
    "apiVersion: §networking.k8s.oi/v1\nkind: NetworkPolicy\nmetadata: {name: p}\nspec: {podSelector: {}}\n",
    "unsupported-version",
  ],
  [
    "a policy without apiVersion",
    "§kind: NetworkPolicy\nmetadata: {name: p}\nspec: {podSelector: {}}\n",
    "missing-field",
  ],
  ["a pod without apiVersion", "§kind: Pod\nmetadata: {name: p}\n", "missing-field"],
  [
    "a policy without kind",
    "§apiVersion: networking.k8s.io/v1\nmetadata: {name: p}\nspec: {podSelector: {}}\n",
    "missing-field",
  ],
  [
    "a policy with a number as kind",
    "apiVersion: networking.k8s.io/v1\nkind: §1\nmetadata: {name: p}\nspec: {podSelector: {}}\n",
    "wrong-type",
  ],
  [
    "a misspelt kind",
    "apiVersion: networking.k8s.io/v1\nkind: §NetworkPolcy\nmetadata: {name: p}\nspec: {podSelector: {}}\n",
    "unknown-value",
  ],
  [
    "a kind in lower case",
    "apiVersion: networking.k8s.io/v1\nkind: §networkpolicy\nmetadata: {name: p}\nspec: {podSelector: {}}\n",
    "unknown-value",
  ],
  ["no metadata", "§apiVersion: v1\nkind: Pod\n", "missing-field"],
  ["no name", "apiVersion: v1\nkind: Pod\n§metadata: {namespace: a}\n", "missing-field"],
  ["only generateName", "apiVersion: v1\nkind: Pod\n§metadata: {generateName: a-}\n", "missing-field"],
  ["a number as name", "apiVersion: v1\nkind: Pod\nmetadata: {name: §12}\n", "wrong-type"],
  ["a name with capitals", "apiVersion: v1\nkind: Pod\nmetadata: {name: §Web}\n", "bad-name"],
  [
    "a namespace with a dot",
    "apiVersion: v1\nkind: Pod\nmetadata: {name: web, namespace: §a.b}\n",
    "bad-name",
  ],
  ["the same object twice", `${pod("")}---\n${pod("").replace("web", "§web")}`, "duplicate-object"],
  ["a label that is a boolean", pod("  labels:\n    server: §yes\n"), "label-not-string"],
  ["a label that is a number", pod("  labels: {version: §1.20}\n"), "label-not-string"],
  ["a label without value", pod("  labels:\n    §app:\n"), "empty-label-value", "warning"],
  ["labels as a list", pod("  labels:\n    §- app: web\n"), "wrong-type"],
  ["a bad label value", pod("  labels: {app: §a b}\n"), "bad-label"],
  ["a bad label key", pod("  labels: {§a/b/c: x}\n"), "bad-label"],
  ["a bad pod address", pod("status: {podIP: §10.0.0.256}\n"), "bad-address"],
  [
    "a second IPv4 address",
    pod("status:\n  podIPs: [{ip: 10.0.0.1}, {ip: 'fd00::1'}, §{ip: 10.0.0.2}]\n"),
    "too-many-addresses",
  ],
  ["an unknown phase", pod("status: {phase: §succeeded}\n"), "unknown-value"],
  ["hostNetwork in quotes", pod('spec: {hostNetwork: §"true"}\n'), "wrong-type"],
  ["a container port 0", pod("spec: {containers: [{ports: [{containerPort: §0}]}]}\n"), "bad-port"],
  [
    "a container port in quotes",
    pod('spec: {containers: [{ports: [{containerPort: §"80"}]}]}\n'),
    "wrong-type",
  ],
  [
    "a long port name",
    pod("spec: {containers: [{ports: [{containerPort: 1, name: §abcdefghijklmnop}]}]}\n"),
    "bad-port-name",
  ],
  [
    "negative replicas",
    "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}\nspec: {replicas: §-1, template: {}}\n",
    "bad-replicas",
  ],
  [
    "no template",
    "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}\n§spec: {replicas: 1}\n",
    "missing-field",
  ],
  [
    "a selector that misses",
    "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}\nspec:\n  §selector: {matchLabels: {app: a}}\n  template: {metadata: {labels: {app: b}}}\n",
    "selector-mismatch",
    "warning",
  ],
  [
    "an empty selector",
    "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}\nspec:\n  §selector: {matchLabels: {}}\n  template: {metadata: {labels: {app: b}}}\n",
    "selector-mismatch",
    "warning",
  ],
  [
    "too many replicas",
    "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}\nspec: {replicas: §20000000, template: {}}\n",
    "too-many-replicas",
  ],
  ["items that are no list", "apiVersion: v1\nkind: List\nitems: §x\n", "wrong-type"],
];

const POLICIES: readonly Case[] = [
  ["no spec", `§${HEAD}`, "missing-field"],
  ["an empty spec", `${HEAD}§spec: {}\n`, "missing-field"],
  ["an empty podSelector", policy("§podSelector:"), "missing-field"],
  ["a misspelt podSelector", policy("podSelector: {}\n§podselector: {}"), "unknown-field"],
  ["a misspelt spec", `${HEAD}§sepc: {}\nspec: {podSelector: {}}\n`, "unknown-field"],
  ["spec fields outside spec", `${HEAD}spec: {podSelector: {}}\n§ingress: []\n`, "unknown-field"],
  [
    "an unknown metadata field",
    "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: p, §label: {}}\nspec: {podSelector: {}}\n",
    "unknown-field",
  ],
  [
    "an annotation that is a number",
    "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: p, annotations: {a: §1}}\nspec: {podSelector: {}}\n",
    "wrong-type",
  ],
  [
    "a namespace nobody can read",
    "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\n§metadata: {name: p, namespace: [a]}\nspec: {podSelector: {}}\n",
    "policy-unreadable",
  ],
  ["labels right in podSelector", policy("podSelector: {§app: web}"), "unknown-field"],
  ["a podSelector that is text", policy("podSelector: §app=web"), "wrong-type"],
  ["matchLabels as a list", policy("podSelector:\n  matchLabels:\n    §- app: web"), "wrong-type"],
  [
    "a selector's value that is a boolean",
    policy("podSelector: {matchLabels: {server: §no}}"),
    "label-not-string",
  ],
  [
    "a selector's label without value",
    policy("podSelector:\n  matchLabels:\n    §server:"),
    "empty-selector-value",
  ],
  [
    "an unknown operator",
    policy("podSelector: {matchExpressions: [{key: a, operator: §in, values: [b]}]}"),
    "unknown-operator",
  ],
  [
    "In without values",
    policy("podSelector: {matchExpressions: [§{key: a, operator: In}]}"),
    "operator-values",
  ],
  [
    "Exists with values",
    policy("podSelector: {matchExpressions: [{key: a, operator: Exists, values: §[b]}]}"),
    "operator-values",
  ],
  [
    "a requirement without key",
    policy("podSelector: {matchExpressions: [§{operator: Exists}]}"),
    "missing-field",
  ],
  [
    "value instead of values",
    policy("podSelector: {matchExpressions: [{key: a, operator: In, values: [x], §value: b}]}"),
    "unknown-field",
  ],
  [
    "matchExpressions as a mapping",
    policy("podSelector:\n  matchExpressions:\n    §key: a\n    operator: Exists"),
    "wrong-type",
  ],
  ["policyTypes as text", policy("podSelector: {}\npolicyTypes: §Ingress"), "wrong-type"],
  ["a policy type in lower case", policy("podSelector: {}\npolicyTypes: [§ingress]"), "unknown-policy-type"],
  [
    "three policy types",
    policy("podSelector: {}\n§policyTypes: [Ingress, Egress, Ingress]"),
    "too-many-policy-types",
  ],
  ["ingress as a mapping", policy("podSelector: {}\ningress:\n  §from: []"), "wrong-type"],
  ["an empty rule", policy("podSelector: {}\ningress:\n§-"), "empty-list-item"],
  ["to under ingress", ingress("- §to: []"), "unknown-field"],
  ["from under egress", policy("podSelector: {}\negress:\n- §from: []"), "unknown-field"],
  ["a peer right in the rule", ingress("- §podSelector: {}"), "unknown-field"],
  ["a port right in the rule", ingress("- §port: 80"), "unknown-field"],
  ["from at spec", policy("podSelector: {}\n§from: []"), "unknown-field"],
  ["from without dash", ingress("- from:\n    §podSelector: {}"), "wrong-type"],
  ["ports inside the peer", peer("podSelector: {}\n    §ports: []"), "unknown-field"],
  ["matchLabels right in the peer", peer("§matchLabels: {a: b}"), "unknown-field"],
  ["an empty peer", peer("§{}"), "empty-peer"],
  ["a peer whose selector has no value", peer("§namespaceSelector:"), "empty-peer"],
  [
    "ipBlock with a selector",
    peer("podSelector: {}\n    §ipBlock: {cidr: 10.0.0.0/8}"),
    "ip-block-with-selector",
  ],
  ["ipBlock as text", peer("ipBlock: §10.0.0.0/8"), "wrong-type"],
  ["ipBlock without cidr", peer("§ipBlock: {}"), "missing-field"],
  ["a bare address", peer("ipBlock: {cidr: §10.0.0.1}"), "bad-cidr"],
  ["a long prefix", peer("ipBlock: {cidr: §10.0.0.0/33}"), "bad-cidr"],
  ["host bits", peer("ipBlock: {cidr: §10.0.0.5/24}"), "cidr-not-canonical", "warning"],
  ["a prefix with a zero before it", peer("ipBlock: {cidr: §10.0.0.0/08}"), "cidr-not-canonical", "warning"],
  ["an except outside", peer("ipBlock: {cidr: 10.0.0.0/8, except: [§11.0.0.0/16]}"), "except-outside-cidr"],
  [
    "an except of the other family",
    peer("ipBlock: {cidr: 10.0.0.0/8, except: [§'fd00::/64']}"),
    "except-outside-cidr",
  ],
  [
    "an except as large as its cidr",
    peer("ipBlock: {cidr: 10.0.0.0/8, except: [§10.0.0.0/8]}"),
    "except-covers-cidr",
  ],
  ["an except that is text", peer("ipBlock: {cidr: 10.0.0.0/8, except: §10.1.0.0/16}"), "wrong-type"],
  ["an except beside ipBlock", peer("ipBlock: {cidr: 10.0.0.0/8}\n    §except: []"), "unknown-field"],
  ["ports as numbers", ingress("- ports: [§80]"), "wrong-type"],
  ["ports as a mapping", ingress("- ports:\n    §port: 80"), "wrong-type"],
  ["port 0", port("port: §0"), "bad-port"],
  ["port 65536", port("port: §65536"), "bad-port"],
  ["port -1", port("port: §-1"), "bad-port"],
  ["a port in quotes", port('port: §"99999"'), "bad-port"],
  ["a port with a fraction", port("port: §80.5"), "wrong-type"],
  ["a range as one text", port("port: §80-90"), "bad-port"],
  ["a port name in capitals", port("port: §HTTP"), "bad-port-name"],
  ["an unknown port field", port("port: 80\n    §targetPort: 80"), "unknown-field"],
  ["an unknown protocol", port("protocol: §tcp"), "unknown-protocol"],
  ["ICMP", port("protocol: §ICMP"), "unknown-protocol"],
  ["endPort below port", port("port: 443\n    §endPort: 80"), "end-port-below-port"],
  ["endPort without port", port("§endPort: 80"), "end-port-without-port"],
  ["endPort with a named port", port("port: http\n    §endPort: 80"), "end-port-named"],
  ["an empty port", ingress("- ports:\n  §-"), "empty-list-item"],
  ["a doubled key in a policy", policy("podSelector: {}\n§podSelector: {}"), "duplicate-key"],
];

function parse(marked: string): {
  readonly place: string;
  readonly found: readonly string[];
  readonly messages: string;
} {
  const before = marked.slice(0, marked.indexOf("§")).split("\n");
  const { findings } = parseManifests([{ file: "f", text: marked.replace("§", "") }]);
  return {
    place: `f:${before.length}:${before.at(-1)!.length + 1}`,
    found: findings.map(({ position, severity, code }) => `${formatPosition(position)} ${severity} ${code}`),
    messages: findings.map(({ message, help }) => `${message} ${help ?? ""}`).join("\n"),
  };
}

describe.each([
  ["text", TEXT],
  ["objects", OBJECTS],
  ["policies", POLICIES],
])("wrong %s", (_name, cases) => {
  for (const [name, text, code, severity = "error"] of cases) {
    it(name, () => {
      expect(text.split("§")).toHaveLength(2);
      const { place, found, messages } = parse(text);
      expect(found).toContain(`${place} ${severity} ${code}`);
      expect(messages).not.toMatch(/undefined|\[object|NaN|Symbol\(/);
    });
  }
});

describe("what a message says", () => {
  it.each([
    ["the exact quotes for a label", pod("  labels:\n    server: yes\n"), 'Quote it: server: "yes"'],
    ["the spelling of a number", pod("  labels: {mode: 0777}\n"), 'Quote it: mode: "0777"'],
    ["the swapped ports", port("port: 443\n    endPort: 80"), "Did you mean port: 80, endPort: 443?"],
    ["the field that was meant", policy("podselector: {}"), "Did you mean podSelector?"],
    ["the missing matchLabels", policy("podSelector: {app: web}"), "matchLabels"],
    ["the canonical form", peer("ipBlock: {cidr: 10.0.0.5/24}"), "10.0.0.0/24"],
    ["the depth of values", `kind: Pod\na: ${"[".repeat(20_000)}`, "Values are nested more than 500 deep."],
    ["the IPv4 form of a mapped block", peer('ipBlock: {cidr: "::ffff:10.0.0.0/104"}'), "Write 10.0.0.0/8"],
    ["what a mapped block is", peer('ipBlock: {cidr: "::ffff:10.0.0.0/104"}'), "IPv4-mapped"],
    ["the IPv4 form of a mapped address", peer('ipBlock: {cidr: "::ffff:10.0.0.1"}'), "write 10.0.0.1/32"],
    ["that a mapped block is too wide", peer('ipBlock: {cidr: "::ffff:10.0.0.1/90"}'), "IPv4-mapped"],
    ["the prefix of one address", peer("ipBlock: {cidr: 10.0.0.1}"), "10.0.0.1/32"],
    ["the list", policy("podSelector: {}\npolicyTypes: Ingress"), "policyTypes: [Ingress]"],
    ["the entry of ports", ingress("- ports: [80]"), "- port: 80"],
    ["the first of two", `${pod("")}---\n${pod("")}`, "Pod default/web is already at f:4:9."],
    ["the forgotten separator", `${HEAD}${HEAD}`, "put a line with --- before it"],
    ["how to render a chart", "kind: Pod\na: {{ .Values.x }}\n", "helm template"],
  ])("%s", (_name, text, words) => {
    expect(parse(text).messages).toContain(words);
  });

  it("names the object", () => {
    const text = port("port: 0").replace("{name: p}", "{name: db-policy, namespace: shop}");
    const { findings } = parseManifests([{ file: "f", text }]);
    expect(findings.map(({ object }) => object)).toEqual(["NetworkPolicy shop/db-policy"]);
  });
});
