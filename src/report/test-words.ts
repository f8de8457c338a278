// What the text and JUnit forms of a run of assertions both say.
import type { Counterexample, JudgedCase } from "../analysis/assertions/judge-case.ts";
import { sharedFamilies } from "../analysis/assertions/judge-case.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { formatPosition } from "../k8s/location.ts";
import { explainText } from "./explain-text.ts";
import { endId } from "./explain-words.ts";
import { portsText } from "./map-names.ts";
import type { Style } from "./style.ts";
import { casePosition, type TestedCase } from "./test-report.ts";

/** What is wrong with a case, in one sentence; empty for one that passed. */
export function caseMessage({ result }: TestedCase): string {
  if (result.outcome === "passed") return "";
  if (result.outcome === "error") return result.problem.message;
  const { failing, pairs, dualStack, assertion } = result;
  const apart = dualStack ? " (IPv4 and IPv6 counted apart)" : "";
  const count = pairs === 1 ? "The only pair" : `${failing} of ${pairs} pairs${apart}`;
  return assertion.expect === "allow"
    ? `${count} cannot connect as expected.`
    : `${count} can connect, and should not.`;
}

/** All that there is to say about a case that did not pass: a line each, without indentation. */
export function caseLines(tested: TestedCase, cluster: Cluster, style: Style): string[] {
  const { result } = tested;
  if (result.outcome === "passed") return [];
  if (result.outcome === "error") {
    const { assertion, problem } = result;
    const place = formatPosition(assertion.origin.position(problem.path));
    return [
      `${style.bold(place)}  ${problem.message}`,
      ...(problem.help === undefined ? [] : [problem.help]),
    ];
  }
  const examples = result.counterexamples.map((example) => exampleLine(result, example));
  const told = result.counterexamples.reduce((sum, { families }) => sum + Math.max(1, families.length), 0);
  const left = result.failing - told;
  return [
    `${style.bold(formatPosition(casePosition(tested)))}  ${caseMessage(tested)}`,
    ...examples.map((line) => `  ${line}`),
    ...(left > 0 ? [`  and ${left} more`] : []),
    "",
    ...explainText(result.explanations, style, cluster).trimEnd().split("\n"),
  ];
}

/** `shop/frontend-0 -> shop/db-0: TCP 3306 passes`. */
function exampleLine({ assertion }: JudgedCase, { from, to, families, ports }: Counterexample): string {
  const pair = `${endId(from)} -> ${endId(to)}`;
  if (families.length === 0) return `${pair}: they share no family of addresses`;
  const family = sharedFamilies(from, to).length > families.length ? ` over IPv${families[0]}` : "";
  const verb = assertion.expect === "allow" ? "does not pass" : "passes";
  return `${pair}: ${portsText(ports)} ${verb}${family}`;
}
