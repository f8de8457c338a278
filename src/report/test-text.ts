import type { Coverage } from "../analysis/assertions/coverage.ts";
import type { PodsPeer, ReachPeer } from "../engine/reachability.ts";
import { ALL_PORTS, type PortSet, subtractPorts } from "../net/port-set.ts";
import { inColumns } from "./columns.ts";
import { peerName } from "./map-json.ts";
import { externalName, portsText } from "./map-names.ts";
import type { Style } from "./style.ts";
import { type Outcome, outcomeOf, type TestReport, totalsOf, wholeCoverage } from "./test-report.ts";
import { caseLines } from "./test-words.ts";

/** A run of assertions as test runners print it: a line a case, and what is wrong below those that did not pass. */
export function testText(report: TestReport, style: Style): string {
  const lines: string[] = [];
  for (const { file, cases, cluster } of report.files) {
    lines.push(style.bold(file));
    for (const tested of cases) {
      lines.push(`  ${outcomeText(outcomeOf(tested), style)}  ${tested.result.assertion.name}`);
      const details = caseLines(tested, cluster, style);
      if (details.length > 0) lines.push(...details.map((line) => (line === "" ? "" : `      ${line}`)), "");
    }
    if (lines.at(-1) !== "") lines.push("");
  }
  const coverage = wholeCoverage(report);
  if (coverage !== undefined) lines.push(...coverageLines(coverage, style), "");
  const packets = packetsText(report, style);
  if (packets !== undefined) lines.push(packets);
  lines.push(summaryText(report, style), "");
  return lines.join("\n");
}

function outcomeText(outcome: Outcome, style: Style): string {
  if (outcome === "passed") return style.green("✓ passed");
  return style.red(outcome === "failed" ? "✗ failed" : "✗ error ");
}

/** How many lines of uncovered connections are listed, and how many senders on each. */
const MOST_UNCOVERED = 30;
const MOST_SOURCES = 3;

function coverageLines({ connections, covered, partly, uncovered }: Coverage, style: Style): string[] {
  const parts = partly === 0 ? "" : `, ${partly} in part`;
  const head = `${covered} of ${connections} allowed connections are covered${parts}`;
  if (uncovered.length === 0) return [style.bold(head)];
  // Who reaches the same is told at once: one case can speak of all of them.
  const groups = new Map<string, { readonly to: string; readonly what: string; readonly from: string[] }>();
  const name = endNames(uncovered);
  for (const { connection, ports } of uncovered) {
    const { from, to, family } = connection;
    const what = `${restText(connection.ports, ports)}${family === undefined ? "" : ` over IPv${family}`}`;
    const known = groups.get(`${to.id} ${what}`);
    if (known === undefined) groups.set(`${to.id} ${what}`, { to: name(to), what, from: [name(from)] });
    else known.from.push(name(from));
  }
  const shown = [...groups.values()].slice(0, MOST_UNCOVERED);
  const rows = shown.map(({ from, to, what }) => {
    const few = from.length <= MOST_SOURCES ? from : from.slice(0, MOST_SOURCES - 1);
    const more = from.length - few.length;
    return [`${few.join(", ")}${more > 0 ? ` and ${more} more` : ""}`, "->", to, what].map((text) => ({
      text,
    }));
  });
  const more = uncovered.length - shown.reduce((sum, { from }) => sum + from.length, 0);
  return [
    style.bold(`${head}; no case speaks of:`),
    ...inColumns(rows).map((line) => `  ${line}`),
    ...(more > 0 ? [`  and ${more} more connections, which -o json lists`] : []),
  ];
}

/** Names as short as they are clear: `shop/db`, unless a Deployment and a StatefulSet have this name. */
function endNames(uncovered: Coverage["uncovered"]): (peer: ReachPeer) => string {
  const short = (peer: PodsPeer): string => `${peer.workload.namespace}/${peerName(peer)}`;
  const ids = new Map<string, Set<string>>();
  for (const { connection } of uncovered) {
    for (const peer of [connection.from, connection.to]) {
      if (peer.kind === "external") continue;
      const known = ids.get(short(peer));
      if (known === undefined) ids.set(short(peer), new Set([peer.id]));
      else known.add(peer.id);
    }
  }
  return (peer) => {
    if (peer.kind === "external") return `outside ${externalName(peer, false)}`;
    return ids.get(short(peer))!.size > 1 ? peer.id : short(peer);
  };
}

/** What is left of what may pass. */
function restText(all: PortSet, left: PortSet): string {
  if (left === all) return portsText(left);
  return all === ALL_PORTS
    ? `everything but ${portsText(subtractPorts(all, left))}`
    : `also ${portsText(left)}`;
}

/** How many packets were sent, and whether they came out as the policies say; undefined where none were to be. */
function packetsText({ files }: TestReport, style: Style): string | undefined {
  const measured = files.flatMap(({ cases }) => cases.flatMap((each) => each.measured ?? []));
  if (measured.length === 0) return undefined;
  const probes = measured.flatMap((each) => each.probes);
  const different = probes.filter((each) => each.measured !== each.predicted).length;
  const count = `${probes.length} ${probes.length === 1 ? "packet was" : "packets were"} sent`;
  return different === 0
    ? `${count}: measured = predicted`
    : style.red(`${count}, ${different} of them came out otherwise than the policies say`);
}

/** `12 passed, 1 failed`. */
function summaryText(report: TestReport, style: Style): string {
  const { passed, failed, errors } = totalsOf(report);
  const parts = [
    style.green(`${passed} passed`),
    failed > 0 ? style.red(`${failed} failed`) : `${failed} failed`,
  ];
  if (errors > 0) parts.push(style.red(`${errors} could not be judged`));
  return parts.join(", ");
}
