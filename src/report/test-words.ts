// What the text and JUnit forms of a run of assertions both say.
import { type Counterexample, sharedFamilies } from "../analysis/assertions/counterexamples.ts";
import type { JudgedCase } from "../analysis/assertions/judge-case.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { formatPosition } from "../k8s/location.ts";
import type { MeasuredProbe } from "../lab/lab.ts";
import { explainText } from "./explain-text.ts";
import { endId } from "./explain-words.ts";
import { portsText } from "./map-names.ts";
import type { Style } from "./style.ts";
import { casePosition, type TestedCase } from "./test-report.ts";

/** What is wrong with a case, in one sentence; empty for one that passed. */
export function caseMessage({ result, measured }: TestedCase): string {
  if (result.outcome === "error") return result.problem.message;
  if (result.outcome === "passed") {
    const wrong = measured?.wrong ?? [];
    if (wrong.length === 0) return "";
    return wrong.some(isUnpredicted)
      ? `${wrong.length} of ${measured!.probes.length} packets came out otherwise than the policies say.`
      : `${wrong.length} of ${measured!.probes.length} packets passed: policies in audit mode deny them, and are not enforced.`;
  }
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
  if (result.outcome === "error") {
    const { assertion, problem } = result;
    const place = formatPosition(assertion.origin.position(problem.path));
    return [
      `${style.bold(place)}  ${problem.message}`,
      ...(problem.help === undefined ? [] : [problem.help]),
    ];
  }
  const packets = packetLines(tested);
  const message = caseMessage(tested);
  if (message === "") return packets;
  const head = `${style.bold(formatPosition(casePosition(tested)))}  ${message}`;
  if (result.outcome === "passed") return [head, ...packets];
  const examples = result.counterexamples.map((example) => exampleLine(result, example));
  const told = result.counterexamples.reduce((sum, { families }) => sum + Math.max(1, families.length), 0);
  const left = result.failing - told;
  return [
    head,
    ...examples.map((line) => `  ${line}`),
    ...(left > 0 ? [`  and ${left} more`] : []),
    ...packets,
    "",
    ...explainText(result.explanations, style, cluster).trimEnd().split("\n"),
  ];
}

/** How many packets are told of. */
const MOST_PACKETS = 5;

/** What packets said, where it is not what was expected, or where some could not be sent. */
function packetLines({ measured, result }: TestedCase): string[] {
  if (measured === undefined) return [];
  const { wrong, probes, leftOut } = measured;
  const unpredicted = wrong.filter(isUnpredicted);
  const lines = (unpredicted.length > 0 ? unpredicted : wrong).slice(0, MOST_PACKETS).map(packetLine);
  if (wrong.length > lines.length) lines.push(`  and ${wrong.length - lines.length} more packets`);
  if (result.outcome === "failed" && wrong.length === 0 && probes.length > 0) {
    lines.push(`  none of the ${probes.length} packets that were sent met one of these`);
  }
  if (probes.length === 0) lines.push("  no packet was sent: no lab can have these ends");
  else if (leftOut > 0) lines.push(`  ${leftOut} pairs were left out: no lab can have these ends`);
  return lines;
}

function isUnpredicted({ measured, predicted }: MeasuredProbe): boolean {
  return measured !== predicted;
}

function packetLine(probe: MeasuredProbe): string {
  const { from, to, family, protocol, port, measured, predicted } = probe;
  const packet = `${from} -> ${to} ${protocol}${port === undefined ? "" : ` ${port}`} over IPv${family}`;
  const verb = measured === "allow" ? "passed" : "was stopped";
  const said = measured === predicted ? "" : `, and the policies ${predicted} it`;
  return `  measured: ${packet} ${verb}${said}`;
}

/** `shop/frontend-0 -> shop/db-0: TCP 3306 passes`. */
function exampleLine({ assertion }: JudgedCase, { from, to, families, ports }: Counterexample): string {
  const pair = `${endId(from)} -> ${endId(to)}`;
  if (families.length === 0) return `${pair}: they share no family of addresses`;
  const family = sharedFamilies(from, to).length > families.length ? ` over IPv${families[0]}` : "";
  const verb = assertion.expect === "allow" ? "does not pass" : "passes";
  return `${pair}: ${portsText(ports)} ${verb}${family}`;
}
