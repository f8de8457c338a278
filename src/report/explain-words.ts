// What explain-json and explain-text both say of an explanation.
import type { Cluster, ClusterPod } from "../cluster/cluster.ts";
import type { End } from "../engine/end.ts";
import type { Explanation, SideExplanation } from "../engine/explain.ts";
import type { RuleReading } from "../engine/rule-reading.ts";
import { pathInWords } from "../k8s/check.ts";
import type { Position } from "../k8s/location.ts";
import { type Address, compareAddresses, formatAddress } from "../net/address.ts";
import type { Traffic } from "../net/port-set.ts";
import { describePolicy } from "../policy/describe.ts";
import type { Policy } from "../policy/policy.ts";

/** `shop/frontend`, or the address. */
export function endId(end: End): string {
  return end.kind === "pod" ? end.pod.id : formatAddress(end.address);
}

/** `TCP 3306`, or the protocols without ports. */
export function trafficText(traffic: Traffic): string {
  return traffic.protocol === "other"
    ? "other protocols (such as ICMP)"
    : `${traffic.protocol} ${traffic.port}`;
}

/** `db.yaml:3`, or the file alone where no line is known. */
export function fileAndLine({ file, line }: Position): string {
  return line === 0 ? file : `${file}:${line}`;
}

/** `rule 2`, and the name that its author gave it: `rule 2 "no-db"`. */
export function ruleTitle({ rule }: RuleReading): string {
  const title = `rule ${rule.index + 1}`;
  return rule.name === undefined ? title : `${title} "${rule.name}"`;
}

/** `rule 2 "no-db" of ClusterNetworkPolicy deny-db`. */
export function ruleOfPolicy(reading: RuleReading): string {
  return `${ruleTitle(reading)} of ${describePolicy(reading.policy)}`;
}

/** The action of a rule as its kind of policy calls it: what ClusterNetworkPolicy accepts, the older kinds allow. */
export function actionWord({ policy, rule }: RuleReading): "Accept" | "Allow" | "Deny" | "Pass" {
  const isOlder = policy.kind === "AdminNetworkPolicy" || policy.kind === "BaselineAdminNetworkPolicy";
  return isOlder && rule.action === "Accept" ? "Allow" : rule.action;
}

/** Where a rule that fails closed could not be understood: `spec.egress[0].to[1]`, and its place. */
export function unknownField(reading: RuleReading): { field: string; place: Position } | undefined {
  const { policy, rule } = reading;
  if (rule.failsClosed === undefined || policy.broken) return undefined;
  return { field: pathInWords(rule.failsClosed), place: policy.origin.position(rule.failsClosed) };
}

/** True of the kinds whose author gives them a priority. */
export function hasPriority({ kind }: Policy): boolean {
  return kind === "ClusterNetworkPolicy" || kind === "AdminNetworkPolicy";
}

/** The end that the rules of a side are about: who comes in, or where the packet goes. */
export function peerEnd(explanation: Explanation, side: SideExplanation): End {
  return side.direction === "ingress" ? explanation.from : explanation.to;
}

/** The pod at an end, also where the end was given by the address of a pod in the cluster. */
export function podAtEnd(end: End, cluster: Cluster | undefined): ClusterPod | undefined {
  if (end.kind === "pod") return end.pod;
  return cluster?.pods.find((pod) => !pod.hostNetwork && hasAddress(pod, end.address));
}

function hasAddress(pod: ClusterPod, address: Address): boolean {
  const own = pod.addresses[address.family];
  return own !== undefined && compareAddresses(own, address) === 0;
}

/** Where a policy is: its name. */
export function policyPosition(policy: Policy): Position {
  return policy.origin.position(["metadata", "name"]);
}

/** Where a rule is. */
export function rulePosition(reading: RuleReading): Position {
  return reading.policy.origin.position(reading.rule.path);
}

/** True if the families differ in their verdict or in what decides it. */
export function familiesDiffer(explanations: readonly Explanation[]): boolean {
  return new Set(explanations.map(verdictKey)).size > 1;
}

function verdictKey({ allowed, noAddress, audited, egress, ingress }: Explanation): string {
  const sides = [egress, ingress].map(({ reason, allowedBy, deniedBy }) => {
    const decidedBy = allowedBy ?? deniedBy;
    return [reason, decidedBy?.policy.kind, decidedBy?.policy.id, decidedBy?.rule.index];
  });
  return JSON.stringify([allowed, noAddress, audited?.map(describePolicy), sides]);
}

/** The explanation that stands for all: the first that is denied, or else the first. Throws if there is none. */
export function leadingExplanation(explanations: readonly Explanation[]): Explanation {
  const leading = explanations.find((explanation) => !explanation.allowed) ?? explanations[0];
  if (leading === undefined) throw new RangeError("there is no explanation to show");
  return leading;
}
