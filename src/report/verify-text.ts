import type { Difference } from "../dataplane/verify/difference.ts";
import type { ComparisonSize } from "../dataplane/verify/verify.ts";
import { describePortToken } from "../policy/describe.ts";
import type { Style } from "./style.ts";

/** A person reads this many differences; the JSON output has all. */
const MOST_SHOWN = 30;
const MOST_NAMES_SHOWN = 6;

/** `kernel = model`, or what differs, where, and what to do. Ends with a line break. */
export function verifyText(
  node: string,
  size: ComparisonSize,
  differences: readonly Difference[],
  style: Style,
): string {
  const compared = `${count(size.localPods, "pod", "pods")} of node ${node}, each against ${count(size.pods, "pod", "pods")} in ${count(size.classes, "class", "classes")} and ${count(size.areas, "block of addresses", "blocks of addresses")}, both directions, both families, all ports`;
  if (differences.length === 0) return `${style.green("kernel = model")}: ${compared}\n`;
  // What passes and should not comes first; then what explains it.
  const sorted = [...differences].sort((a, b) => weight(a) - weight(b));
  const lines = [
    `${style.bold(style.red("kernel differs from the model"))}: ${count(differences.length, "difference", "differences")} on node ${node}`,
    style.dim(`compared: ${compared}`),
    "",
    ...sorted.slice(0, MOST_SHOWN).map((each) => `  ${mark(each, style)} ${sentence(each)}`),
  ];
  if (sorted.length > MOST_SHOWN) {
    lines.push(`  ... and ${sorted.length - MOST_SHOWN} more (-o json has all of them)`);
  }
  lines.push("", ...advice(differences), "");
  return lines.join("\n");
}

function weight(difference: Difference): number {
  if (difference.code === "table-missing") return 0;
  if (isOpen(difference)) return 1;
  return difference.code === "ports-differ" ? 2 : 3;
}

function isOpen({ moreOpen, skipsIngress }: Difference): boolean {
  return moreOpen !== undefined || skipsIngress !== undefined;
}

function mark(difference: Difference, style: Style): string {
  if (difference.code === "table-missing" || isOpen(difference)) return style.red("!");
  return style.yellow("*");
}

function sentence(difference: Difference): string {
  const { code, chain, set, rule, expected, found } = difference;
  switch (code) {
    case "table-missing":
      return "there is no table inet podwall: nothing is enforced";
    case "foreign-object":
      return `the table has something that is not podwall's: ${found}`;
    case "chain-missing":
      return `chain ${chain} is missing`;
    case "chain-extra":
      return `chain ${chain} should not be there`;
    case "hook-differs":
      return `chain ${chain} has "${found}", and should have "${expected}"`;
    case "rules-differ":
      return ruleSentence(`chain ${chain}, rule ${rule}`, expected, found);
    case "rule-unknown":
      return `chain ${chain} has a rule that podwall does not make, so that nobody can say what it lets pass: ${found}`;
    case "set-missing":
      return `set ${set} is missing`;
    case "set-extra":
      return `set ${set} should not be there`;
    case "set-type-differs":
      return `set ${set} is "${found}", and should be "${expected}"`;
    case "element-missing":
      return `set ${set} lacks ${names(difference)}`;
    case "element-extra":
      return `set ${set} has ${names(difference)}, and should not`;
    case "element-unknown":
      return `set ${set} has elements that podwall does not make: ${names(difference)}`;
    case "verdict-differs":
      return `map ${set} says "${found}" for ${names(difference)}, and should say "${expected}"`;
    case "ports-differ":
      return portsSentence(difference);
  }
}

function ruleSentence(where: string, expected: string | undefined, found: string | undefined): string {
  if (found === undefined) return `${where} is missing: ${expected}`;
  if (expected === undefined) return `${where} should not be there: ${found}`;
  return `${where} is another\n      there:  ${found}\n      wanted: ${expected}`;
}

function portsSentence(difference: Difference): string {
  const {
    direction,
    family,
    locals = [],
    localCount = 0,
    chain,
    moreOpen,
    moreClosed,
    skipsIngress,
  } = difference;
  const local = listed(locals, localCount);
  const way =
    direction === "ingress"
      ? `from ${names(difference)} to ${local}`
      : `from ${local} to ${names(difference)}`;
  const parts = [
    ...(moreOpen === undefined ? [] : [`${ports(moreOpen)} passes and should not`]),
    ...(moreClosed === undefined ? [] : [`${ports(moreClosed)} should pass and does not`]),
    ...(skipsIngress === undefined ? [] : [`${ports(skipsIngress)} is not judged where it arrives`]),
  ];
  const where = chain === undefined ? "" : ` (chain ${chain})`;
  return `IPv${family} ${direction}, ${way}: ${parts.join("; ")}${where}`;
}

function ports(tokens: readonly string[]): string {
  const shown = tokens.slice(0, MOST_NAMES_SHOWN).map(describePortToken);
  if (tokens.length > shown.length) shown.push(`${tokens.length - shown.length} more`);
  return shown.join(", ");
}

function names({ names: all = [], count: total = 0 }: Difference): string {
  return listed(all, total);
}

function listed(some: readonly string[], total: number): string {
  const shown = some.slice(0, MOST_NAMES_SHOWN);
  const rest = total - shown.length;
  return `${shown.join(", ")}${rest > 0 ? ` and ${rest} more` : ""}`;
}

function advice(differences: readonly Difference[]): string[] {
  if (differences.some(({ code }) => code === "table-missing")) {
    return [
      "Is this the network namespace of the node, and does podwall enforce policies there?",
      "Run it as in: nsenter -t PID -n podwall verify ...",
    ];
  }
  const chain = differences.find((each) => each.chain !== undefined)?.chain;
  return [
    "Either the policies, pods and nodes given here are not those that are enforced, or somebody changed the table.",
    "Make sure of the first; then have podwall load its rules again, which repairs the table.",
    ...(chain === undefined ? [] : [`To look at it: nft list chain inet podwall ${chain}`]),
  ];
}

function count(number: number, one: string, many: string): string {
  return `${number.toLocaleString("en")} ${number === 1 ? one : many}`;
}
