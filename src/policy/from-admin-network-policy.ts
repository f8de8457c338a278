import type { FieldPath } from "../k8s/location.ts";
import type {
  AdminNetworkPolicy,
  AdminNetworkPolicyEgressRule,
  AdminNetworkPolicyIngressRule,
  AdminNetworkPolicyPort,
  BaselineAdminNetworkPolicy,
  BaselineAdminNetworkPolicySpec,
  ClusterPolicyPeer,
  Direction,
} from "../k8s/objects.ts";
import { portRange } from "../net/port-set.ts";
import { clusterPolicyRule } from "./cluster-policy-rule.ts";
import { clusterPolicyOf } from "./from-cluster-policy.ts";
import type { Policy, PortMatch, Rule } from "./policy.ts";

/**
 * The priority of the BaselineAdminNetworkPolicy, which has none of its own: one after the last that a
 * ClusterNetworkPolicy can have. Nothing says how the two mix; the one that its writer gave a place goes before the one
 * that is the default of last resort, and so there is no tie between them.
 */
export const BASELINE_ADMIN_PRIORITY = 1001;

/** A validated AdminNetworkPolicy as a policy of the tier Admin. A broken one closes its subject. */
export function fromAdminNetworkPolicy(source: AdminNetworkPolicy): Policy {
  return clusterPolicyOf(source, "Admin", source.spec.priority, rulesOf(source.spec));
}

/** A validated BaselineAdminNetworkPolicy as the last policy of the tier Baseline. A broken one closes its subject. */
export function fromBaselineAdminNetworkPolicy(source: BaselineAdminNetworkPolicy): Policy {
  return clusterPolicyOf(source, "Baseline", BASELINE_ADMIN_PRIORITY, rulesOf(source.spec));
}

function rulesOf({ ingress = [], egress = [] }: BaselineAdminNetworkPolicySpec): Policy["rules"] {
  return {
    ingress: ingress.map((rule, index) => ruleOf("ingress", index, rule, rule.from)),
    egress: egress.map((rule, index) => ruleOf("egress", index, rule, rule.to)),
  };
}

function ruleOf(
  direction: Direction,
  index: number,
  { name, action, ports }: Omit<AdminNetworkPolicyIngressRule & AdminNetworkPolicyEgressRule, "from" | "to">,
  peers: readonly ClusterPolicyPeer[],
): Rule {
  const rule = {
    name,
    action: action === "Allow" ? "Accept" : action,
    peers,
    ports,
    portsField: "ports",
  } as const;
  return clusterPolicyRule(direction, index, rule, portMatchOf);
}

/** Undefined for a port of a kind that is not known. */
function portMatchOf(entry: AdminNetworkPolicyPort, path: FieldPath): PortMatch | undefined {
  const { portNumber, portRange: range, namedPort: name } = entry;
  if (name !== undefined) return { kind: "name", protocol: "any", name, path };
  if (portNumber !== undefined) {
    return { kind: "numbers", ports: portRange(portNumber.protocol ?? "TCP", portNumber.port), path };
  }
  if (range !== undefined) {
    return { kind: "numbers", ports: portRange(range.protocol ?? "TCP", range.start, range.end), path };
  }
  return undefined;
}
