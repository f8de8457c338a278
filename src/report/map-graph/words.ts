import { ALL_PORTS } from "../../net/port-set.ts";
import { portsText } from "../map-names.ts";
import { type GraphArrow, type GraphGroup, type GraphNode, type GraphStatement, OUTSIDE } from "./graph.ts";

/** `TCP 3306`, `everything`, `UDP 53 (IPv4 only)`: what may pass along an arrow. */
export function arrowText({ ports, family }: GraphArrow): string {
  return family === undefined ? portsText(ports) : `${portsText(ports)} (IPv${family} only)`;
}

/**
 * `from everyone`, `to all of shop*: TCP 80`, `from nobody`; of addresses outside `reached by everyone`. The asterisk is
 * explained in the notes of the graph.
 */
export function statementText(
  { direction, set, onlyUnlimited, ports }: GraphStatement,
  group: { readonly id: string; readonly title: string },
): string {
  const who = { everyone: "everyone", inside: "every pod", group: `all of ${group.title}`, nobody: "nobody" }[
    set
  ];
  const verbs = group.id === OUTSIDE ? { in: "reached by", out: "reaches" } : { in: "from", out: "to" };
  const text = `${verbs[direction]} ${who}${onlyUnlimited ? "*" : ""}`;
  return set === "nobody" || ports === ALL_PORTS ? text : `${text}: ${portsText(ports)}`;
}

/** What stands on the box of a node below its title, a line each. */
export function nodeLines(node: GraphNode, group: GraphGroup): string[] {
  return [
    ...(stateText(node) === undefined ? [] : [stateText(node)!]),
    ...node.statements.map((statement) => statementText(statement, group)),
    ...node.lines,
  ];
}

/** `isolated, egress limited`; undefined for nodes that no policy is about. */
export function stateText({ state, sends }: GraphNode): string | undefined {
  if (state === "outside" || state === "all" || state === "namespace") return undefined;
  return sends === undefined ? state : `${state}, egress ${sends}`;
}

/** The text on one line, without characters that are no text and that some formats cannot hold at all. */
export function plainLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\uFFFE\uFFFF]+/gu, " ");
}
