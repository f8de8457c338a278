// Texts of cluster-wide policies, for tests. A text may have one § before the place where a finding belongs.
import { formatPosition } from "./location.ts";
import { parseManifests } from "./manifests.ts";
import type { ClusterPolicy } from "./objects.ts";

export const CNP_HEAD: string =
  "apiVersion: policy.networking.k8s.io/v1alpha2\nkind: ClusterNetworkPolicy\nmetadata: {name: p}\n";
export const ANP_HEAD: string =
  "apiVersion: policy.networking.k8s.io/v1alpha1\nkind: AdminNetworkPolicy\nmetadata: {name: p}\n";
export const BANP_HEAD: string =
  "apiVersion: policy.networking.k8s.io/v1alpha1\nkind: BaselineAdminNetworkPolicy\nmetadata: {name: default}\n";

const indent = (text: string): string => text.replace(/^/gm, "  ");

/** A ClusterNetworkPolicy with this spec. */
export function cnp(spec: string): string {
  return `${CNP_HEAD}spec:\n${indent(spec)}\n`;
}

export const ORDER: string = "tier: Admin\npriority: 1";
export const SUBJECT: string = "subject: {namespaces: {}}";

export function rules(text: string): string {
  return cnp(`${ORDER}\n${SUBJECT}\n${text}`);
}

/** An egress rule with this peer, in flow style. */
export function peer(text: string, action = "Accept"): string {
  return rules(`egress:\n- action: ${action}\n  to:\n  - ${text}`);
}

/** An ingress rule with this entry of protocols. */
export function protocol(text: string): string {
  return rules(`ingress:\n- action: Accept\n  from: [{namespaces: {}}]\n  protocols:\n  - ${text}`);
}

export function anp(text: string): string {
  return `${ANP_HEAD}spec:\n  priority: 1\n  ${SUBJECT}\n${indent(text)}\n`;
}

/** An AdminNetworkPolicy with this entry of ports. */
export function port(text: string): string {
  return anp(`ingress:\n- action: Allow\n  from: [{namespaces: {}}]\n  ports:\n  - ${text}`);
}

export function banp(text: string): string {
  return `${BANP_HEAD}spec:\n  ${SUBJECT}\n${indent(text)}\n`;
}

/** Reads a text without its §. */
export function parsePolicies(marked: string): {
  /** Where the § stood. */
  readonly place: string;
  /** `place severity code` of each finding. */
  readonly found: readonly string[];
  readonly messages: string;
  readonly policies: readonly ClusterPolicy[];
} {
  const before = marked.slice(0, marked.indexOf("§")).split("\n");
  const { findings, objects } = parseManifests([{ file: "f", text: marked.replace("§", "") }]);
  return {
    place: `f:${before.length}:${before.at(-1)!.length + 1}`,
    found: findings.map(({ position, severity, code }) => `${formatPosition(position)} ${severity} ${code}`),
    messages: findings.map(({ message, help }) => `${message} ${help ?? ""}`).join("\n"),
    policies: objects as readonly ClusterPolicy[],
  };
}

/** The one policy of a text. */
export function policyOf(text: string): ClusterPolicy {
  const [policy] = parsePolicies(text).policies;
  if (policy === undefined) throw new Error("a policy was lost");
  return policy;
}
