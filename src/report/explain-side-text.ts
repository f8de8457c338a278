import type { Cluster } from "../cluster/cluster.ts";
import { addressesOf } from "../engine/end.ts";
import type { Explanation, PeerMiss, RuleReading, SideExplanation } from "../engine/explain.ts";
import type { Position } from "../k8s/location.ts";
import { compareAddresses } from "../net/address.ts";
import { describePolicy, describePortMatch, describeRule } from "../policy/describe.ts";
import type { Policy } from "../policy/policy.ts";
import { nearestPeerMisses, trafficText } from "./explain-remedy.ts";
import {
  endId,
  hasInstead,
  missPosition,
  namedPortsText,
  peerEnd,
  podAtEnd,
  policyPosition,
  rulePosition,
  wantedByPeer,
} from "./explain-words.ts";
import type { Style } from "./style.ts";

const MOST_RULES = 3;
const MOST_PEERS = 3;
const MOST_POLICIES = 5;

/** What one side says of the packet, as lines without an indent. */
export function sideLines(
  explanation: Explanation,
  side: SideExplanation,
  style: Style,
  cluster: Cluster | undefined,
): string[] {
  const { direction } = side;
  switch (side.reason) {
    case "outside":
      return [`${placeOutside(explanation, side, cluster)}: policies limit pods only`];
    case "host-network":
      return ["on the network of its node: policies limit only pods with a network of their own"];
    case "self":
      return ["the same pod: what stays inside a pod is never limited"];
    case "own-node":
      return ["from the node that it runs on, which always may (health checks come from there)"];
    case "open":
      return [`open: no policy isolates it for ${direction}`];
    case "no-address":
      return [`nothing to judge: one end has no IPv${explanation.family} address`];
    case "rule":
      return [...isolatingLines(side, style), ...allowingLines(side.allowedBy, style)];
    case "no-rule":
      return [...isolatingLines(side, style), ...missedLines(explanation, side, style, cluster)];
  }
}

/** Where an end is that is no pod: `address of node n2`, `outside the cluster`. */
function placeOutside(
  { from, to, family }: Explanation,
  { direction }: SideExplanation,
  cluster: Cluster | undefined,
): string {
  const address = addressesOf(direction === "egress" ? from : to)[family];
  if (address === undefined) return "outside the cluster";
  for (const { name, addresses } of cluster?.nodes.values() ?? []) {
    if (addresses.some((each) => compareAddresses(each, address) === 0)) return `address of node ${name}`;
  }
  return "outside the cluster";
}

function isolatingLines({ isolatedBy, direction }: SideExplanation, style: Style): string[] {
  const shown = isolatedBy.slice(0, MOST_POLICIES).map((policy, index) => {
    const start = index === 0 ? `isolated for ${direction} by` : "and by";
    return `${start} ${describePolicy(policy)}  ${style.dim(fileAndLine(policyPosition(policy)))}`;
  });
  const more = isolatedBy.length - shown.length;
  if (more > 0) shown.push(`and by ${more} more`);
  return shown;
}

function allowingLines(reading: RuleReading | undefined, style: Style): string[] {
  if (reading === undefined) return [];
  const { policy, rule } = reading;
  return [
    `${style.green("allowed")} by rule ${rule.index + 1} of ${describePolicy(policy)}  ` +
      style.dim(fileAndLine(rulePosition(reading))),
    `  ${describeRule(rule)}`,
  ];
}

function missedLines(
  explanation: Explanation,
  side: SideExplanation,
  style: Style,
  cluster: Cluster | undefined,
): string[] {
  const { isolatedBy, missed, direction } = side;
  const lines = isolatedBy.filter((policy) => policy.broken).map(brokenLine);
  if (missed.length === 0) {
    const empty = isolatedBy.filter((policy) => !policy.broken);
    if (empty.length > 0) lines.push(emptyLine(empty, direction));
    return lines;
  }
  lines.push(`${style.red("no rule allows it")}. ${missed.length === 1 ? "The only one:" : "Closest:"}`);
  for (const reading of missed.slice(0, MOST_RULES)) {
    lines.push(...readingLines(explanation, side, reading, style, cluster).map((line) => `  ${line}`));
  }
  const more = missed.length - MOST_RULES;
  if (more > 0)
    lines.push(`  and ${more} more ${more === 1 ? "rule that is" : "rules that are"} further off`);
  return lines;
}

function brokenLine(policy: Policy): string {
  return `${describePolicy(policy)} has errors, so it is taken to close its pods and to allow nothing`;
}

function emptyLine(policies: readonly Policy[], direction: "ingress" | "egress"): string {
  const list = policies.length === 1 ? "its list of rules is empty" : "their lists of rules are empty";
  return `${list}, so nothing may ${direction === "ingress" ? "enter" : "leave"}`;
}

function readingLines(
  explanation: Explanation,
  side: SideExplanation,
  reading: RuleReading,
  style: Style,
  cluster: Cluster | undefined,
): string[] {
  const here = `     ${style.yellow("<- here")}`;
  const { traffic, family } = explanation;
  const { policy, rule } = reading;
  const owner = side.isolatedBy.length > 1 ? ` of ${describePolicy(policy)}` : "";
  const lines = [
    `rule ${rule.index + 1}${owner}  ${style.dim(fileAndLine(rulePosition(reading)))}  ${describeRule(rule)}`,
  ];
  if (reading.portMatches) {
    const all = rule.ports === "all" ? " (the rule lists no ports, so all are meant)" : "";
    lines.push(`  port   ${trafficText(traffic)} matches${all}`);
  } else {
    lines.push(`  port   ${portMissText(reading, explanation, cluster)}${here}`);
  }
  const end = peerEnd(explanation, side);
  const pod = podAtEnd(end, cluster);
  const id = pod?.id ?? endId(end);
  if (reading.peerMatches) lines.push(`  peer   ${id} matches`);
  const misses = nearestPeerMisses(reading.peerMisses);
  for (const miss of misses.slice(0, MOST_PEERS)) {
    const ofNamespace = miss.why === "namespace-labels" && miss.podUnmet.length === 0;
    const subject = ofNamespace && pod !== undefined ? `namespace ${pod.namespace}` : id;
    const state = stateInstead(miss, subject, hasInstead(miss, end, family, cluster));
    const place = misses.length > 1 ? `  ${style.dim(`line ${missPosition(policy, miss).line}`)}` : "";
    lines.push(`  peer   ${wantedByPeer(miss)} wanted, ${state}${place}${here}`);
  }
  const more = misses.length - MOST_PEERS;
  if (more > 0) lines.push(`  and ${more} more ${more === 1 ? "peer" : "peers"} of the rule`);
  return lines;
}

/** `TCP 3306 or UDP 53 wanted, this is TCP 80`. */
function portMissText(
  { portMisses }: RuleReading,
  { traffic, to }: Explanation,
  cluster: Cluster | undefined,
): string {
  const id = podAtEnd(to, cluster)?.id ?? endId(to);
  const [only, second] = portMisses;
  const meaning = only === undefined ? undefined : namedPortsText(only);
  if (only !== undefined && second === undefined && meaning !== undefined) {
    const wanted = describePortMatch(only.match);
    return `${wanted} wanted, which is ${meaning} on ${id}; this is ${trafficText(traffic)}`;
  }
  const wanted = portMisses.slice(0, MOST_PEERS).map((miss) => {
    const means = namedPortsText(miss);
    const note = means === undefined ? PORT_MISS_WORDS[miss.why] : ` (${means} on ${id})`;
    return `${describePortMatch(miss.match)}${note}`;
  });
  const more = portMisses.length - wanted.length;
  if (more > 0) wanted.push(`${more} more`);
  return `${wanted.join(" or ")} wanted, this is ${trafficText(traffic)}`;
}

const PORT_MISS_WORDS = {
  protocol: "",
  number: "",
  "name-unknown": " (the pod has no port of that name)",
  "name-not-a-pod": " (only a pod has named ports)",
} as const;

/** `shop/frontend has server=web`, `192.168.5.7 is not in it`. */
function stateInstead({ why }: PeerMiss, subject: string, has: string): string {
  switch (why) {
    case "pod-labels":
    case "namespace-labels":
      return `${subject} has ${has}`;
    case "other-namespace":
      return `${subject} is in ${has}`;
    case "host-network":
      return `${subject} is on ${has}`;
    case "not-a-pod":
      return `${subject} is no pod`;
    case "excepted":
      return `${has} is in it`;
    case "outside-block":
      return `${has} is not in it`;
    case "other-family":
      return `${has} is of the other address family`;
  }
}

function fileAndLine({ file, line }: Position): string {
  return line === 0 ? file : `${file}:${line}`;
}
