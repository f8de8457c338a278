// What the tiers beside NetworkPolicy say of a packet, as lines of text.
import type { Cluster } from "../cluster/cluster.ts";
import type { Explanation, SideExplanation } from "../engine/explain.ts";
import { hasClusterPolicies, isTied, type TierStep } from "../engine/explain-tiers.ts";
import { describePolicy, describeRule } from "../policy/describe.ts";
import type { Policy } from "../policy/policy.ts";
import { readingLines } from "./explain-reading-text.ts";
import {
  actionWord,
  fileAndLine,
  hasPriority,
  policyPosition,
  ruleOfPolicy,
  rulePosition,
  ruleTitle,
  unknownField,
} from "./explain-words.ts";
import type { Style } from "./style.ts";

const MOST_NAMES = 3;

/** The rule of Admin or Baseline that decided, the way to it, and the nearest rule that could have let the packet pass. */
export function deciderLines(
  explanation: Explanation,
  side: SideExplanation,
  style: Style,
  cluster: Cluster | undefined,
): string[] {
  const reading = side.allowedBy ?? side.deniedBy;
  if (reading === undefined) return [];
  const { policy, rule } = reading;
  const verdict = side.allowed ? style.green("allowed") : style.red("denied");
  const lines: string[] = [];
  const unknown = unknownField(reading);
  if (policy.broken) {
    lines.push(
      `${verdict} by ${policyTitle(policy)}  ${style.dim(fileAndLine(policyPosition(policy)))}`,
      `  it has errors, so it is taken to deny all ${side.direction} of its pods`,
    );
  } else {
    const title = `${ruleTitle(reading)} of ${policyTitle(policy)}`;
    lines.push(`${verdict} by ${title}  ${style.dim(fileAndLine(rulePosition(reading)))}`);
    if (unknown === undefined) lines.push(`  ${actionWord(reading)} ${describeRule(rule)}`);
    else
      lines.push(
        `  ${unknown.field} is not understood (${fileAndLine(unknown.place)}), ` +
          `so the rule denies all ${side.direction} of its pods, on every port`,
      );
  }
  lines.push(...tierLines(side, style));
  const candidates = side.missed.filter((missed) => missed.rule.failsClosed === undefined);
  const [nearest] = candidates;
  if (nearest !== undefined) {
    const title = nearest.policy === policy ? ruleTitle(nearest) : ruleOfPolicy(nearest);
    const more = candidates.length - 1;
    lines.push(
      more === 0
        ? "The only rule before it that does not deny:"
        : "Closest of the rules before it that do not deny:",
      ...readingLines(explanation, side, nearest, `${actionWord(nearest)} ${title}`, style, cluster).map(
        (line) => `  ${line}`,
      ),
    );
    if (more > 0) lines.push(`  and ${more} more ${more === 1 ? "rule" : "rules"} further off`);
  }
  return lines;
}

/** Tier by tier what happened there; of the tier that decided only what stands beside the decision. */
export function tierLines(side: SideExplanation, style: Style): string[] {
  if (!hasClusterPolicies(side.tiers)) return [];
  return side.tiers.flatMap((step) =>
    [...stepTexts(side, step, style), ...noteTexts(side, step, style)].map(
      (text, index) => `${(index === 0 ? step.tier : "").padEnd(13)}  ${text}`,
    ),
  );
}

function stepTexts(side: SideExplanation, step: TierStep, style: Style): string[] {
  const { tier, outcome, policies, decidedBy } = step;
  switch (outcome) {
    case "no-policy": {
      // Worth a line only where Baseline decides, since it would not be asked otherwise.
      const decidesBaseline = (side.allowedBy ?? side.deniedBy)?.policy.tier === "Baseline";
      return tier === "NetworkPolicy" && decidesBaseline
        ? [`none isolates it for ${side.direction}, so Baseline is asked`]
        : [];
    }
    case "no-rule": {
      const [only] = policies;
      const place = policies.length === 1 && only ? `  ${style.dim(fileAndLine(policyPosition(only)))}` : "";
      return [`no rule of ${policyNames(policies)} matches${place}`];
    }
    case "passed": {
      if (decidedBy === undefined) return [];
      const place = style.dim(fileAndLine(rulePosition(decidedBy)));
      return [`passed on by ${ruleTitle(decidedBy)} of ${policyTitle(decidedBy.policy)}  ${place}`];
    }
    case "not-asked":
      return [notAskedText(side, step)];
    case "accepted":
    case "denied":
      return [];
  }
}

function notAskedText(side: SideExplanation, { tier, policies }: TierStep): string {
  if (side.ifPassed === undefined) return "not asked: NetworkPolicy is final for the pods that it isolates";
  if (tier !== "NetworkPolicy") return "not asked: a rule of Admin is final";
  const would = side.ifPassed ? "would allow" : "would deny";
  return `not asked: a rule of Admin is final (${policyNames(policies)} ${would} it)`;
}

/** Rules that fail closed, rules that come too late, and an order that rests on names alone. */
function noteTexts(side: SideExplanation, step: TierStep, style: Style): string[] {
  const notes: string[] = [];
  if (!side.allowed && step.tier !== "NetworkPolicy") {
    for (const reading of step.missed) {
      const unknown = unknownField(reading);
      if (unknown === undefined) continue;
      notes.push(
        `${ruleOfPolicy(reading)} matches nothing: ` +
          `${unknown.field} is not understood  ${style.dim(fileAndLine(unknown.place))}`,
      );
    }
  }
  for (const reading of step.overruled) {
    const place = style.dim(fileAndLine(rulePosition(reading)));
    const would = `would ${actionWord(reading).toLowerCase()} it`;
    if (isTied(reading, step)) {
      notes.push(
        `${ruleOfPolicy(reading)} ${would}, with priority ${reading.policy.priority} too  ${place}`,
        "  only its name puts it behind: the API leaves the order of equal priorities open",
      );
    } else if (!side.allowed && reading.rule.action !== "Deny") {
      notes.push(`${ruleOfPolicy(reading)} ${would}, but comes too late  ${place}`);
    }
  }
  return notes;
}

/** `ClusterNetworkPolicy deny-db (Admin, priority 10)`. */
function policyTitle(policy: Policy): string {
  const priority = hasPriority(policy) ? `, priority ${policy.priority}` : "";
  return `${describePolicy(policy)} (${policy.tier}${priority})`;
}

/** `NetworkPolicy shop/a, NetworkPolicy shop/b and 3 more`. */
export function policyNames(policies: readonly Policy[]): string {
  const shown = policies.slice(0, MOST_NAMES).map(describePolicy);
  const more = policies.length - shown.length;
  const names = more > 0 ? [...shown, `${more} more`] : shown;
  return names.length === 1 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}
