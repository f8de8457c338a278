// What tests of looking up rules share: so many rules, of every kind, that they are looked up.
import { checkInputOf, namespaceText, podText } from "../../check.fixture.ts";
import type { CheckContext } from "../../check.ts";
import { checkContext } from "../../run-checks.ts";
import type { PolicyRule } from "./cover.ts";

const PODS = [
  "{}",
  "{matchLabels: {app: a}}",
  "{matchLabels: {app: b}}",
  "{matchLabels: {app: a, tier: x}}",
  "{matchExpressions: [{key: app, operator: In, values: [a]}]}",
  "{matchExpressions: [{key: app, operator: In, values: [a, b]}]}",
  "{matchExpressions: [{key: app, operator: In, values: [a, a]}]}",
  "{matchExpressions: [{key: tier, operator: Exists}]}",
  "{matchExpressions: [{key: app, operator: NotIn, values: [b]}]}",
  "{matchLabels: {app: a}, matchExpressions: [{key: app, operator: In, values: [b]}]}",
];
const NAMESPACES = [
  "",
  "{}",
  "{matchLabels: {team: x}}",
  "{matchLabels: {kubernetes.io/metadata.name: here}}",
];
const BLOCKS = ["10.0.0.0/8", "10.1.0.0/16", "10.1.2.0/24", "0.0.0.0/0", "fd00::/8", "fd00:1::/32", "::/0"];

const PEERS = [
  ...NAMESPACES.flatMap((namespaces) =>
    PODS.map(
      (pods) => `{podSelector: ${pods}${namespaces === "" ? "" : `, namespaceSelector: ${namespaces}`}}`,
    ),
  ),
  ...BLOCKS.map((cidr) => `{ipBlock: {cidr: "${cidr}"}}`),
];

/** A cluster with a policy that has a rule for each peer, for pairs of them, and for everyone. */
export function manyRules(): { readonly context: CheckContext; readonly rules: readonly PolicyRule[] } {
  const rules = [
    ...PEERS.map((peer) => `{from: [${peer}]}`),
    ...[1, 3, 5, 9, 14, 22].flatMap((step) =>
      PEERS.map((peer, i) => `{from: [${peer}, ${PEERS[(i * 7 + step) % PEERS.length]}]}`),
    ),
    "{ports: [{port: 80}]}",
  ];
  const labels = ["app: a", "app: b", "app: a, tier: x", "tier: z", ""];
  const pods = ["here", "there"].flatMap((place) =>
    labels.map((each, i) => podText(`${place}/p-${i}`, each)),
  );
  const context = checkContext(
    checkInputOf(`${namespaceText("here", "team: x")}${namespaceText("there")}${pods.join("")}---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {namespace: here, name: many}
spec: {podSelector: {}, ingress: [${rules.join(", ")}]}
`),
  );
  const [{ policy }] = context.networkPolicies as [CheckContext["networkPolicies"][number]];
  return { context, rules: policy.rules.ingress.map((rule) => ({ policy, rule })) };
}
