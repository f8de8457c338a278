import { ingressRule, policy, type WrongInput, wrongFile } from "./wrong-input.ts";

/** Text that is no YAML or JSON, or that YAML reads as something else than was meant. */
export const syntax: readonly WrongInput[] = [
  wrongFile(
    "broken YAML: a key indented less than its siblings",
    "policy.yaml",
    `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: db-policy
 ^namespace: shop
spec:
  podSelector: {}
`,
    [/YAML|indent/i],
    "line",
  ),
  wrongFile("a tab as indentation", "policy.yaml", policy("^\tpodSelector: {}\n"), [/\btabs?\b/i, /space/i]),
  wrongFile(
    "a key twice in one mapping",
    "policy.yaml",
    policy(`  podSelector:
    matchLabels:
      server: db
  policyTypes: [Ingress]
  ^podSelector: {}
`),
    [/podSelector/, /duplicate|twice|already|again|unique/i],
  ),
  wrongFile(
    "JSON without a comma",
    "policy.json",
    `{
  "apiVersion": "networking.k8s.io/v1",
  "kind": "NetworkPolicy"^
  "metadata": {"name": "db-policy", "namespace": "shop"},
  "spec": {"podSelector": {}}
}
`,
    [/json-syntax/, /comma/],
  ),
  wrongFile(
    "a binary file",
    "policy.yaml",
    "^\u007fELF\u0002\u0001\u0001\u0000\u0000\u0000\u0003\u0000>\u0000\u0001\u0000\u0000\u0000\u00c0\u0010",
    [/binary|text|UTF-8|control character|NUL/i],
    "none",
  ),
  wrongFile(
    "a label value that YAML reads as a boolean",
    "policy.yaml",
    policy(`  podSelector:
    matchLabels:
      server: ^yes
  policyTypes: [Ingress]
`),
    [/server/, /\byes\b|\btrue\b|boolean/i, /quot/i],
  ),
  wrongFile(
    "a label value that YAML reads as a number",
    "pods.yaml",
    `apiVersion: v1
kind: Pod
metadata:
  name: db
  namespace: shop
  labels:
    server: db
    version: ^1.0
spec:
  containers:
  - name: db
    image: example/db:1
`,
    [/version/, /1\.0|number/i, /quot/i],
  ),
  wrongFile(
    "a list given as a mapping",
    "policy.yaml",
    policy(`  podSelector: {}
  policyTypes: [Ingress]
  ingress: ^{from: [{podSelector: {}}]}
`),
    [/ingress/, /list|array|sequence/i],
  ),
  wrongFile("an unknown field", "policy.yaml", ingressRule({ from: "^podselector: {}" }), [
    /podselector/,
    /podSelector/,
  ]),
  wrongFile(
    "from in an egress rule",
    "policy.yaml",
    policy(`  podSelector: {}
  policyTypes: [Egress]
  egress:
  - ^from:
    - podSelector: {}
`),
    [/\bfrom\b/, /\begress\b/, /\bto\b/],
  ),
];
