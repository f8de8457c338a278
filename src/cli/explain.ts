import { addressesOf, type End } from "../engine/end.ts";
import { createEngine, type Engine } from "../engine/engine.ts";
import { type Explanation, explain } from "../engine/explain.ts";
import { explainAudit } from "../engine/explain-audit.ts";
import { FAMILIES, type Family, formatAddress } from "../net/address.ts";
import {
  intersectPorts,
  NO_PORTS,
  type PortSet,
  portSetHas,
  portSetTokens,
  TRANSPORT_PROTOCOLS,
  type Traffic,
  unionPorts,
} from "../net/port-set.ts";
import { describePortToken } from "../policy/describe.ts";
import { explainJson } from "../report/explain-json.ts";
import { explainText } from "../report/explain-text.ts";
import { findEnds, namespaceOfEnd, parseTarget, trafficTo } from "./ends.ts";
import { EXIT_NO, EXIT_OK } from "./exit-code.ts";
import { type LiveInputOptions, loadManifestsOrCluster } from "./live-input.ts";
import { styleFor } from "./terminal.ts";
import { UsageError } from "./usage-error.ts";

export interface ExplainOptions extends LiveInputOptions {
  readonly output: "text" | "json";
}

/** `podwall explain FROM TO[:PORT[/PROTO]]`: the verdict for one packet, and why. */
export async function explainCommand(
  from: string,
  to: string,
  paths: readonly string[],
  options: ExplainOptions,
): Promise<number> {
  const target = parseTarget(to);
  const ends = [from, target.end];
  const { cluster, names } = await loadManifestsOrCluster(paths, options, {
    namespaces: (fallback) => ends.flatMap((end) => namespaceOfEnd(end, fallback) ?? []),
    // An address may be that of a pod anywhere.
    isEnough: ends.every((end) => namespaceOfEnd(end) !== undefined),
    lack: "The address may be that of a pod of another namespace, and then the answer may be another.",
  });
  const engine = createEngine(cluster);
  const sources = findEnds(cluster, from, names);
  const destinations = findEnds(cluster, target.end, names);
  const pairs = sources.flatMap((from) => destinations.map((to): Pair => ({ from, to })));

  const any = target.port === undefined && target.protocol === undefined;
  const cases = pairs.flatMap((pair) =>
    (any ? [sample(engine, pair)] : trafficTo(target, pair.to)).map((traffic) =>
      explainPair(engine, pair, traffic),
    ),
  );
  if (cases.length === 0) {
    throw new UsageError(
      `${target.end} has no ${target.protocol} port named ${target.port}; give its number`,
    );
  }
  // Of packets that differ, one that is denied is the one that asks for an explanation.
  const denied = cases.filter((each) => !isAllowed(each));
  const shown = (denied[0] ?? cases[0]!).map(explainAudit(engine));

  if (options.output === "json") {
    const counts = cases.length > 1 ? { pairs: { total: cases.length, denied: denied.length } } : {};
    process.stdout.write(`${JSON.stringify({ ...explainJson(shown, cluster), ...counts }, undefined, 2)}\n`);
  } else {
    const lines = any ? passingLines(engine, pairs) : [];
    if (denied.length > 0 && denied.length < cases.length) {
      lines.push(`The pods differ: ${denied.length} of ${cases.length} are denied. One of those explained:`);
    }
    const text = explainText(shown, styleFor(process.stdout), cluster);
    process.stdout.write(`${[...lines, ...(lines.length > 0 ? [""] : []), text.trimEnd()].join("\n")}\n`);
  }
  return isAllowed(shown) ? EXIT_OK : EXIT_NO;
}

interface Pair {
  readonly from: End;
  readonly to: End;
}

function isAllowed(explanations: readonly Explanation[]): boolean {
  return explanations.every(({ allowed }) => allowed);
}

function sharedFamilies({ from, to }: Pair): Family[] {
  return FAMILIES.filter(
    (family) => addressesOf(from)[family] !== undefined && addressesOf(to)[family] !== undefined,
  );
}

/** One explanation a family that both ends have; one that says so, where they share none. */
function explainPair(engine: Engine, pair: Pair, traffic: Traffic): Explanation[] {
  const shared = sharedFamilies(pair);
  const families: readonly Family[] = shared.length > 0 ? shared : [4];
  return families.map((family) => explain(engine, pair.from, pair.to, family, traffic));
}

/**
 * A packet to explain where none was named: one that passes in every family, else in one, else one to a port
 * that the destination serves.
 */
function sample(engine: Engine, pair: Pair): Traffic {
  const perFamily = sharedFamilies(pair).map((family) => engine.ports(pair.from, pair.to, family));
  const everywhere = perFamily.length === 0 ? NO_PORTS : perFamily.reduce(intersectPorts);
  const passing = everywhere === NO_PORTS ? perFamily.reduce(unionPorts, NO_PORTS) : everywhere;
  const served = pair.to.kind === "pod" ? pair.to.pod.ports : [];
  const fitting = served.find((port) => passing === NO_PORTS || portSetHas(passing, port));
  if (fitting !== undefined) return { protocol: fitting.protocol, port: fitting.port };
  for (const protocol of TRANSPORT_PROTOCOLS) {
    const port = passing[protocol][0];
    if (port !== undefined) return { protocol, port };
  }
  return { protocol: "other" };
}

/** What may pass at all, for each group of pairs with the same answer. */
function passingLines(engine: Engine, pairs: readonly Pair[]): string[] {
  const groups = new Map<string, string[]>();
  for (const pair of pairs) {
    const perFamily = sharedFamilies(pair).map((family) => ({
      family,
      ports: engine.ports(pair.from, pair.to, family),
    }));
    const same = new Set(perFamily.map(({ ports }) => ports)).size <= 1;
    const answer = same
      ? portsInWords(perFamily[0]?.ports ?? NO_PORTS)
      : perFamily.map(({ family, ports }) => `${portsInWords(ports)} over IPv${family}`).join(", ");
    groups.set(answer, [...(groups.get(answer) ?? []), `${nameOf(pair.from)} -> ${nameOf(pair.to)}`]);
  }
  const lines = [...groups].map(([answer, names]) =>
    groups.size === 1 ? `What may pass: ${answer}.` : `What may pass ${shortList(names)}: ${answer}.`,
  );
  return ["No port was named.", ...lines, "One packet explained:"];
}

function portsInWords(ports: PortSet): string {
  return ports === NO_PORTS ? "nothing" : portSetTokens(ports).map(describePortToken).join(", ");
}

function nameOf(end: End): string {
  return end.kind === "pod" ? end.pod.id : formatAddress(end.address);
}

function shortList(names: readonly string[]): string {
  return names.length <= 3
    ? names.join(", ")
    : `${names.slice(0, 3).join(", ")} and ${names.length - 3} more`;
}
