import { readAdminPort } from "./admin-network-policy-port.ts";
import { addError, inWords, isMapping } from "./check.ts";
import { type ReadClusterPolicy, readClusterPolicy } from "./cluster-policy.ts";
import type { ClusterPolicyApi } from "./cluster-policy-api.ts";
import type { InputFinding } from "./finding-codes.ts";
import type { Origin } from "./location.ts";
import type { HeadFault } from "./network-policy.ts";
import type {
  AdminNetworkPolicy,
  AdminNetworkPolicyAction,
  AdminNetworkPolicyPort,
  BaselineAdminNetworkPolicy,
  BaselineAdminNetworkPolicySpec,
} from "./objects.ts";

/** The limits of the CRD, bundle v0.1.7 of network-policy-api. */
const ADMIN: ClusterPolicyApi<AdminNetworkPolicyAction, AdminNetworkPolicyPort> = {
  kind: "AdminNetworkPolicy",
  order: ["priority"],
  actions: ["Allow", "Deny", "Pass"],
  otherActions: { Accept: "Write Allow; Accept is the word of ClusterNetworkPolicy." },
  maxItems: 100,
  peers: {
    fields: {
      ingress: ["namespaces", "pods"],
      egress: ["namespaces", "pods", "nodes", "networks", "domainNames"],
    },
    needsNamespaceSelector: true,
  },
  portsField: "ports",
  portsHelp: "Write ports: and below it - portNumber: {protocol: TCP, port: 80}.",
  readPort: readAdminPort,
  isNamedPort: (port) => port.namedPort !== undefined,
};

const BASELINE: ClusterPolicyApi<AdminNetworkPolicyAction, AdminNetworkPolicyPort> = {
  ...ADMIN,
  kind: "BaselineAdminNetworkPolicy",
  order: [],
  actions: ["Allow", "Deny"],
  otherActions: {
    ...ADMIN.otherActions,
    Pass: "Nothing comes after this kind of policy. To leave traffic to the default, write Allow.",
  },
  peers: {
    fields: { ingress: ["namespaces", "pods"], egress: ["namespaces", "pods", "nodes", "networks"] },
    needsNamespaceSelector: true,
  },
};

/** What {@link readAdminNetworkPolicy} made of a value. */
export interface ReadAdminNetworkPolicy {
  readonly policy: AdminNetworkPolicy;
  readonly findings: readonly InputFinding[];
}

/** Reads a policy.networking.k8s.io/v1alpha1 AdminNetworkPolicy; one with an error comes back as `broken`. */
export function readAdminNetworkPolicy(
  value: Readonly<Record<string, unknown>>,
  origin: Origin,
  headFault?: HeadFault,
): ReadAdminNetworkPolicy {
  const read = readClusterPolicy(value, origin, ADMIN, headFault);
  const spec = { priority: read.priority, ...specOf(read) };
  return { policy: { kind: "AdminNetworkPolicy", ...read.head, spec }, findings: read.findings };
}

/** What {@link readBaselineAdminNetworkPolicy} made of a value. */
export interface ReadBaselineAdminNetworkPolicy {
  readonly policy: BaselineAdminNetworkPolicy;
  readonly findings: readonly InputFinding[];
}

/** Reads a policy.networking.k8s.io/v1alpha1 BaselineAdminNetworkPolicy; one with an error comes back as `broken`. */
export function readBaselineAdminNetworkPolicy(
  value: Readonly<Record<string, unknown>>,
  origin: Origin,
  headFault?: HeadFault,
): ReadBaselineAdminNetworkPolicy {
  const read = readClusterPolicy(value, origin, BASELINE, (check) => {
    headFault?.(check);
    nameFault(value)?.(check);
  });
  return {
    policy: { kind: "BaselineAdminNetworkPolicy", ...read.head, spec: specOf(read) },
    findings: read.findings,
  };
}

/** There is one in a cluster, and the CRD makes sure of it by its name. */
function nameFault({ metadata }: Readonly<Record<string, unknown>>): HeadFault | undefined {
  const name = isMapping(metadata) ? metadata.name : undefined;
  if (typeof name !== "string" || name === "" || name === "default") return undefined;
  return (check) =>
    addError(check, ["metadata", "name"], {
      code: "bad-name",
      message: `A BaselineAdminNetworkPolicy must be called default, not ${inWords(name)}: there is one in a cluster.`,
      help: "Call it default. If there is one already, put the rules of both into it.",
    });
}

function specOf({
  subject,
  rules: { ingress, egress },
}: ReadClusterPolicy<AdminNetworkPolicyAction, AdminNetworkPolicyPort>): BaselineAdminNetworkPolicySpec {
  return {
    subject,
    ...(ingress && { ingress: ingress.map(({ peers, ...rule }) => ({ ...rule, from: peers })) }),
    ...(egress && { egress: egress.map(({ peers, ...rule }) => ({ ...rule, to: peers })) }),
  };
}
