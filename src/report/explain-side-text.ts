import type { Cluster } from "../cluster/cluster.ts";
import { addressesOf } from "../engine/end.ts";
import type { Explanation, SideExplanation } from "../engine/explain.ts";
import { hasClusterPolicies } from "../engine/explain-tiers.ts";
import type { RuleReading } from "../engine/rule-reading.ts";
import { compareAddresses } from "../net/address.ts";
import { describePolicy, describeRule } from "../policy/describe.ts";
import type { Policy } from "../policy/policy.ts";
import { readingLines } from "./explain-reading-text.ts";
import { deciderLines, tierLines } from "./explain-tier-text.ts";
import { fileAndLine, policyPosition, rulePosition, ruleTitle } from "./explain-words.ts";
import type { Style } from "./style.ts";

const MOST_RULES = 3;
const MOST_POLICIES = 5;

/** What one side says of the packet, as lines without an indent. */
export function sideLines(
  explanation: Explanation,
  side: SideExplanation,
  style: Style,
  cluster: Cluster | undefined,
): string[] {
  const { direction } = side;
  const tiers = tierLines(side, style);
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
      return hasClusterPolicies(side.tiers)
        ? [`open: no rule decides, and no NetworkPolicy isolates it for ${direction}`, ...tiers]
        : [`open: no policy isolates it for ${direction}`];
    case "no-address":
      return [`nothing to judge: one end has no IPv${explanation.family} address`];
    case "rule":
      return [...isolatingLines(side, style), ...allowingLines(side.allowedBy, style), ...tiers];
    case "no-rule":
      return [...isolatingLines(side, style), ...missedLines(explanation, side, style, cluster), ...tiers];
    case "accepted":
    case "denied":
      return deciderLines(explanation, side, style, cluster);
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
    const owner = isolatedBy.length > 1 ? ` of ${describePolicy(reading.policy)}` : "";
    const title = `${ruleTitle(reading)}${owner}`;
    lines.push(...readingLines(explanation, side, reading, title, style, cluster).map((line) => `  ${line}`));
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
