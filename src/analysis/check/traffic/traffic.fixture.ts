// Manifests that tests of these checks share.
import { namespaceText, podText } from "../check.fixture.ts";

/** A NetworkPolicy of namespace shop: `spec` is its text from line 5 on, not indented. */
export function policyText(name: string, spec: string, namespace = "shop"): string {
  const lines = spec.trim().split("\n");
  return `---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {namespace: ${namespace}, name: ${name}}
spec:
${lines.map((line) => `  ${line}`).join("\n")}
`;
}

/** A Service, its fields in flow style. */
export function serviceText(name: string, spec: string): string {
  const [namespace, own] = name.split("/");
  return `---
apiVersion: v1
kind: Service
metadata: {namespace: ${namespace}, name: ${own}}
spec: {${spec}}
`;
}

/** A namespace kube-system with a DNS pod. */
export const DNS_TEXT: string =
  namespaceText("kube-system") +
  podText(
    "kube-system/dns",
    "k8s-app: kube-dns",
    "{name: dns, containerPort: 53, protocol: UDP}, {name: dns-tcp, containerPort: 53}",
  );

/** A policy that lets the pods of namespace shop ask for names. */
export const ALLOW_DNS_TEXT: string = policyText(
  "allow-dns",
  `podSelector: {}
policyTypes: [Egress]
egress:
- to: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}}]
  ports: [{port: 53, protocol: UDP}, {port: 53, protocol: TCP}]`,
);
