import { addressesOf, type End } from "../engine/end.ts";
import { createEngine, type Engine } from "../engine/engine.ts";
import { type Explanation, explain } from "../engine/explain.ts";
import { FAMILIES, type Family } from "../net/address.ts";
import {
  NO_PORTS,
  type PortSet,
  portSetTokens,
  TRANSPORT_PROTOCOLS,
  type Traffic,
  unionPorts,
} from "../net/port-set.ts";
import { describePortToken } from "../policy/describe.ts";
import { explainJson } from "../report/explain-json.ts";
import { explainText } from "../report/explain-text.ts";
import { findEnds, parseTarget, type Target, trafficOf } from "./ends.ts";
import { EXIT_NO, EXIT_OK } from "./exit-code.ts";
import { type InputOptions, loadInput } from "./input.ts";
import { styleFor } from "./terminal.ts";

export interface ExplainOptions extends InputOptions {
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
  const { cluster } = await loadInput(paths, options);
  const engine = createEngine(cluster);
  const sources = findEnds(cluster, from);
  const destinations = findEnds(cluster, target.end);
  const pairs = sources.flatMap((source) =>
    destinations.map((destination): [End, End] => [source, destination]),
  );

  const any = target.port === undefined && target.protocol === undefined;
  const passing = any ? whatPasses(engine, pairs) : NO_PORTS;
  const traffic = any ? sample(passing, destinations) : trafficOf(target, destinations);
  const explained = pairs.map(([source, destination]) => explainPair(engine, source, destination, traffic));
  // Of pods that differ, one that is denied is the one that asks for an explanation.
  const shown = explained.find((each) => each.some(({ allowed }) => !allowed)) ?? explained[0]!;
  const denied = explained.filter((each) => each.some(({ allowed }) => !allowed)).length;

  if (options.output === "json") {
    process.stdout.write(`${JSON.stringify(explainJson(shown, cluster), undefined, 2)}\n`);
  } else {
    process.stdout.write(notes(target, any, passing, denied, explained.length));
    const text = explainText(shown, styleFor(process.stdout), cluster);
    process.stdout.write(text.endsWith("\n") ? text : `${text}\n`);
  }
  return shown.every(({ allowed }) => allowed) ? EXIT_OK : EXIT_NO;
}

/** One explanation a family that both ends have; one that says so, where they share none. */
function explainPair(engine: Engine, from: End, to: End, traffic: Traffic): Explanation[] {
  const shared = FAMILIES.filter(
    (family) => addressesOf(from)[family] !== undefined && addressesOf(to)[family] !== undefined,
  );
  const families: readonly Family[] = shared.length > 0 ? shared : [4];
  return families.map((family) => explain(engine, from, to, family, traffic));
}

function whatPasses(engine: Engine, pairs: readonly (readonly [End, End])[]): PortSet {
  let passing = NO_PORTS;
  for (const [from, to] of pairs) {
    for (const family of FAMILIES) passing = unionPorts(passing, engine.ports(from, to, family));
  }
  return passing;
}

/** A packet to explain where none was named: one that passes, else one to a port that the destination serves. */
function sample(passing: PortSet, destinations: readonly End[]): Traffic {
  for (const end of destinations) {
    const port = end.kind === "pod" ? end.pod.ports[0] : undefined;
    if (
      port !== undefined &&
      (passing === NO_PORTS || passing[port.protocol].includes(port.port) || passing.other)
    ) {
      return { protocol: port.protocol, port: port.port };
    }
  }
  for (const protocol of TRANSPORT_PROTOCOLS) {
    const port = passing[protocol][0];
    if (port !== undefined) return { protocol, port };
  }
  return { protocol: "other" };
}

function notes(target: Target, any: boolean, passing: PortSet, denied: number, pairs: number): string {
  const lines: string[] = [];
  if (any) {
    const what = passing === NO_PORTS ? "nothing" : portSetTokens(passing).map(describePortToken).join(", ");
    lines.push(`No port was named. What may pass to ${target.end}: ${what}. One packet of it explained:`);
  }
  if (denied > 0 && denied < pairs) {
    lines.push(`The pods differ: ${denied} of ${pairs} pairs are denied. One of those explained:`);
  }
  return lines.length === 0 ? "" : `${lines.join("\n")}\n\n`;
}
