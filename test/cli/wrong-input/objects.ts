import { policy, type WrongInput, wrongFile } from "./wrong-input.ts";

/** Objects that are wrong as a whole: versions, names, addresses, selectors, types. */
export const objects: readonly WrongInput[] = [
  wrongFile(
    "a policy of an API group that is gone",
    "policy.yaml",
    `apiVersion: ^extensions/v1beta1
kind: NetworkPolicy
metadata:
  name: db-policy
  namespace: shop
spec:
  podSelector: {}
`,
    [/extensions\/v1beta1/, /networking\.k8s\.io\/v1/],
  ),
  {
    name: "an object twice",
    files: {
      "first.yaml": policy("  podSelector: {}\n"),
      "second.yaml": policy("  podSelector: {}\n  policyTypes: [Egress]\n"),
    },
    expected: { mentions: [/first\.yaml/, /second\.yaml/, /NetworkPolicy/, /db-policy/] },
  },
  wrongFile(
    "no podSelector",
    "policy.yaml",
    `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: db-policy, namespace: shop}
^spec: {policyTypes: [Ingress]}
`,
    [/podSelector/, /spec/],
    "line",
  ),
  wrongFile(
    "an unknown policy type",
    "policy.yaml",
    policy("  podSelector: {}\n  policyTypes:\n  - ^Ingres\n"),
    [/Ingres\b/, /\bIngress\b/, /\bEgress\b/],
  ),
  wrongFile(
    "a label value with a space",
    "policy.yaml",
    policy('  podSelector:\n    matchLabels:\n      server: ^"db server"\n'),
    [/db server/, /server/],
  ),
  wrongFile(
    "an unknown operator",
    "policy.yaml",
    policy(`  podSelector:
    matchExpressions:
    - key: server
      operator: ^Equals
      values: [db]
`),
    [/Equals/, /\bIn\b/, /NotIn/],
  ),
  wrongFile(
    "In without values",
    "policy.yaml",
    policy("  podSelector:\n    matchExpressions:\n    - ^{key: server, operator: In}\n"),
    [/\bIn\b/, /values?/],
    "line",
  ),
  wrongFile(
    "Exists with values",
    "policy.yaml",
    policy("  podSelector:\n    matchExpressions:\n    - ^{key: server, operator: Exists, values: [db]}\n"),
    [/Exists/, /values?/],
    "line",
  ),
  wrongFile(
    "a pod name with an underscore and a capital",
    "pods.yaml",
    `apiVersion: v1
kind: Pod
metadata:
  name: ^Db_1
  namespace: shop
spec:
  containers:
  - name: db
    image: example/db:1
`,
    [/Db_1/, /name/],
  ),
  wrongFile(
    "a pod address with three numbers",
    "pods.yaml",
    `apiVersion: v1
kind: Pod
metadata:
  name: db
  namespace: shop
spec:
  containers:
  - name: db
    image: example/db:1
status:
  podIPs:
  - ip: ^10.244.1
`,
    [/10\.244\.1\b/, /address/i],
  ),
];
