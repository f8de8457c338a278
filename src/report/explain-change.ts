// Changes that make a rule match a packet, as parts of a sentence.
import type { Cluster } from "../cluster/cluster.ts";
import { addressesOf, type End } from "../engine/end.ts";
import type { Explanation } from "../engine/explain.ts";
import type { RuleReading } from "../engine/rule-reading.ts";
import type { LabelSelectorRequirement, Labels } from "../k8s/objects.ts";
import { formatRequirement } from "../k8s/selector.ts";
import { addressBits, type Family } from "../net/address.ts";
import { cidrOf, formatCidr } from "../net/cidr.ts";
import type { Policy } from "../policy/policy.ts";
import { namedPortsText } from "./explain-misses.ts";
import { endId, podAtEnd, ruleOfPolicy, trafficText } from "./explain-words.ts";

/** What to change so that the ports of a rule match: `add TCP 3306 to the ports of rule 1 of NetworkPolicy shop/db`. */
export function portChange(
  reading: RuleReading,
  { traffic, to }: Explanation,
  cluster: Cluster | undefined,
): string {
  const rule = ruleOfPolicy(reading);
  const field = portsField(reading.policy);
  if (traffic.protocol === "other") {
    return `add a rule without ${field}: ports are of TCP, UDP or SCTP, so ${rule} lets in no other protocol`;
  }
  const id = podAtEnd(to, cluster)?.id ?? endId(to);
  const wanted = trafficText(traffic);
  const named = reading.portMisses.find((miss) => miss.named !== undefined);
  if (named?.match.kind === "name") {
    return (
      `connect to ${namedPortsText(named)}, which is what the name ${named.match.name} means on ${id}, ` +
      `or, if ${wanted} is to be open too, add it to the ${field} of ${rule}`
    );
  }
  const unknown = reading.portMisses.find((miss) => miss.why === "name-unknown");
  if (unknown?.match.kind === "name") {
    return `name port ${traffic.port} of ${id} "${unknown.match.name}", or add ${wanted} to the ${field} of ${rule}`;
  }
  return `add ${wanted} to the ${field} of ${rule}`;
}

/** The field of a rule in which this kind of policy names ports. */
export function portsField({ kind }: Policy): "protocols" | "ports" {
  return kind === "ClusterNetworkPolicy" ? "protocols" : "ports";
}

/** `label the pod server=api`, `label namespace o team=q and pod o/b app=q`, `remove label old from the pod`. */
export function labelChange(
  objects: readonly (readonly [string, readonly LabelSelectorRequirement[]])[],
): string {
  const adds: string[] = [];
  const removes: string[] = [];
  for (const [what, unmet] of objects) {
    const add: string[] = [];
    const remove: string[] = [];
    for (const { key, operator, values } of unmet) {
      if (operator === "In") add.push(`${key}=${values?.[0] ?? ""}`);
      else if (operator === "Exists") add.push(`${key} (any value)`);
      else remove.push(key);
    }
    if (add.length > 0) adds.push(`${what} ${add.join(", ")}`);
    if (remove.length > 0) removes.push(`label ${remove.join(", ")} from ${what}`);
  }
  const changes: string[] = [];
  if (adds.length > 0) changes.push(`label ${adds.join(" and ")}`);
  if (removes.length > 0) changes.push(`remove ${removes.join(" and ")}`);
  return changes.join(" and ");
}

/** Labels that a new rule could select the pod by: those that the old rule asks about, else its first. */
export function labelsToSelect(
  unmet: readonly LabelSelectorRequirement[],
  labels: Labels,
): string | undefined {
  const asked = [...new Set(unmet.map(({ key }) => key))].filter((key) => Object.hasOwn(labels, key));
  const keys = asked.length > 0 ? asked : Object.keys(labels).slice(0, 1);
  return keys.length === 0
    ? undefined
    : keys.map((key) => formatRequirement({ key, operator: "In", values: [labels[key]!] })).join(", ");
}

/** The block of the end's one address; the caller knows that it has one. */
export function blockOf(end: End, family: Family): string {
  const address = addressesOf(end)[family];
  if (address === undefined) throw new Error(`${endId(end)} has no IPv${family} address`);
  return formatCidr(cidrOf(address, addressBits(family)));
}
