import type { Program, ProgramChain, ProgramSet } from "../program/program.ts";
import { type Difference, type DifferenceCode, namesField } from "./difference.ts";

/**
 * Compares what is there, word for word and element for element: base chains, which pods are judged by which chain,
 * and what these ask. Only the names of sets of peers and ports may differ: what they hold counts.
 *
 * @param nameOf Names the pod of an element, in words.
 */
export function textDifferences(
  kernel: Program,
  expected: Program,
  nameOf: (element: string) => string,
): Difference[] {
  const differences: Difference[] = (kernel.foreign ?? []).map((found) => ({
    code: "foreign-object",
    found,
  }));
  /** Sets that stand in the same place of the same rule, by the name that the kernel has. */
  const pairs = new Map<string, Set<string>>();
  const pair = (found: string, wanted: string): void => {
    const known = pairs.get(found);
    if (known === undefined) pairs.set(found, new Set([wanted]));
    else known.add(wanted);
  };
  for (const name of expected.sets.keys()) if (!isHashed(name)) pair(name, name);
  for (const chain of expected.chains.values()) {
    const found = kernel.chains.get(chain.name);
    if (found === undefined) {
      differences.push({ code: "chain-missing", chain: chain.name });
      continue;
    }
    differences.push(...hookDifferences(chain, found), ...ruleDifferences(chain, found, pair));
  }
  for (const [found, wanted] of pairs) {
    for (const name of wanted) {
      const set = expected.sets.get(name);
      if (set !== undefined) differences.push(...setDifferences(set, kernel.sets.get(found), nameOf));
    }
  }
  for (const chain of kernel.chains.keys()) {
    if (!expected.chains.has(chain)) differences.push({ code: "chain-extra", chain });
  }
  for (const set of kernel.sets.keys()) {
    if (!pairs.has(set) && !expected.sets.has(set)) differences.push({ code: "set-extra", set });
  }
  return differences;
}

const HASHED = /@((?:peers|lesser|unaudited|unaudited_lesser|nets|ports)_[A-Za-z0-9_.-]+)/g;

/** True for a set whose name tells nothing but which rules it was made for. */
function isHashed(name: string): boolean {
  return /^(?:peers|lesser|unaudited|unaudited_lesser|nets|ports)_/.test(name);
}

function hookDifferences(expected: ProgramChain, found: ProgramChain): Difference[] {
  const hookOf = ({ hook, foreign }: ProgramChain): string =>
    foreign ?? (hook === undefined ? "no hook" : `type filter hook ${hook} priority 0; policy accept;`);
  if (hookOf(expected) === hookOf(found)) return [];
  return [{ code: "hook-differs", chain: found.name, expected: hookOf(expected), found: hookOf(found) }];
}

function ruleDifferences(
  expected: ProgramChain,
  found: ProgramChain,
  pair: (found: string, expected: string) => void,
): Difference[] {
  const length = Math.max(expected.rules.length, found.rules.length);
  for (let i = 0; i < length; i++) {
    const wanted = expected.rules[i];
    const there = found.rules[i];
    if (wanted !== undefined && there !== undefined && isSameRule(wanted, there, pair)) continue;
    return [
      {
        code: "rules-differ",
        chain: found.name,
        rule: i + 1,
        ...(wanted === undefined ? {} : { expected: wanted }),
        ...(there === undefined ? {} : { found: there }),
      },
    ];
  }
  return [];
}

function isSameRule(
  expected: string,
  found: string,
  pair: (found: string, expected: string) => void,
): boolean {
  const wanted = Array.from(expected.matchAll(HASHED), (match) => match[1]!);
  const there = Array.from(found.matchAll(HASHED), (match) => match[1]!);
  if (expected !== found && expected.replace(HASHED, "@") !== found.replace(HASHED, "@")) return false;
  for (const [i, name] of there.entries()) pair(name, wanted[i]!);
  return true;
}

function setDifferences(
  expected: ProgramSet,
  found: ProgramSet | undefined,
  nameOf: (element: string) => string,
): Difference[] {
  if (found === undefined) return [{ code: "set-missing", set: expected.name }];
  const set = found.name;
  if (declaration(expected) !== declaration(found)) {
    return [{ code: "set-type-differs", set, expected: declaration(expected), found: declaration(found) }];
  }
  if (expected.ephemeral === true) return [];
  const differences: Difference[] = [];
  const add = (code: DifferenceCode, elements: readonly string[]): void => {
    if (elements.length > 0) differences.push({ code, set, ...namesField(elements.map(nameOf)) });
  };
  const missing = notIn(expected, found);
  add("element-missing", missing);
  // Sets are large, and nearly always equal.
  const isSame = missing.length === 0 && expected.elements.size === found.elements.size;
  if (!isSame) add("element-extra", notIn(found, expected));
  if (expected.kind === "set") return differences;
  for (const [element, verdict] of expected.elements) {
    const other = found.elements.get(element);
    if (other === undefined || other === verdict) continue;
    const field = namesField([nameOf(element)]);
    differences.push({ code: "verdict-differs", set, ...field, expected: verdict, found: other });
  }
  return differences;
}

function declaration({ kind, type, interval, ephemeral }: ProgramSet): string {
  return [kind, type, ...(interval ? ["interval"] : []), ...(ephemeral === true ? ["timeout"] : [])].join(
    " ",
  );
}

/** The elements of the one that the other does not have. */
function notIn(some: ProgramSet, others: ProgramSet): string[] {
  const missing: string[] = [];
  for (const element of some.elements.keys()) if (!others.elements.has(element)) missing.push(element);
  return missing;
}
