import { portsWithin } from "../../net/port-set.ts";
import { compareCodePoints } from "../order.ts";
import { type GraphArrow, wholeGroupId } from "./graph.ts";
import type { Pairs } from "./pairs.ts";
import type { Statements } from "./statements.ts";

/** An arrow on its way into the graph, between peers or whole groups. */
interface Arrow extends GraphArrow {
  readonly fromGroup: string;
  readonly toGroup: string;
  readonly isFromAll: boolean;
  readonly isToAll: boolean;
}

/** The fewest arrows that are drawn as one of a whole group. */
const FEWEST_OF_GROUP = 2;

/**
 * The connections that no statement tells, as arrows. Where every peer of a group has the same arrow, the group has it.
 */
export function findArrows(pairs: Pairs, statements: Statements): GraphArrow[] {
  const single: Arrow[] = [];
  for (const { from, to, connection } of pairs.connections) {
    const { ports, family } = connection;
    if (portsWithin(ports, statements.ports(from, to))) continue;
    single.push({
      from: connection.from.id,
      to: connection.to.id,
      fromGroup: pairs.groups[from]!,
      toGroup: pairs.groups[to]!,
      isFromAll: false,
      isToAll: false,
      ports,
      ...(family === undefined ? {} : { family }),
      connections: 1,
    });
  }
  return joined(joined(single, pairs, "from"), pairs, "to")
    .map(({ from, to, ports, family, connections }) => ({
      from,
      to,
      ports,
      ...(family === undefined ? {} : { family }),
      connections,
    }))
    .sort(compareArrows);
}

function compareArrows(a: GraphArrow, b: GraphArrow): number {
  return (
    compareCodePoints(a.from, b.from) ||
    compareCodePoints(a.to, b.to) ||
    compareCodePoints(a.ports.key, b.ports.key) ||
    (a.family ?? 0) - (b.family ?? 0)
  );
}

/** Puts arrows together that differ at one end only, where that is every peer of a group which the other is not in. */
function joined(arrows: readonly Arrow[], pairs: Pairs, end: "from" | "to"): Arrow[] {
  const other = end === "from" ? "to" : "from";
  const group = `${end}Group` as const;
  const alike = new Map<string, Arrow[]>();
  const result: Arrow[] = [];
  for (const arrow of arrows) {
    const { ports, family } = arrow;
    const isWithin = arrow.fromGroup === arrow.toGroup;
    if (isWithin || (end === "from" ? arrow.isFromAll : arrow.isToAll)) {
      result.push(arrow);
      continue;
    }
    const key = `${ports.id} ${family ?? 0} ${arrow[group]} ${arrow[other]}`;
    const known = alike.get(key);
    if (known === undefined) alike.set(key, [arrow]);
    else known.push(arrow);
  }
  for (const members of alike.values()) {
    const first = members[0]!;
    if (members.length < FEWEST_OF_GROUP || members.length < pairs.members.get(first[group])!.length) {
      result.push(...members);
      continue;
    }
    result.push({
      ...first,
      [end]: wholeGroupId(first[group]),
      [end === "from" ? "isFromAll" : "isToAll"]: true,
      connections: members.reduce((sum, { connections }) => sum + connections, 0),
    });
  }
  return result;
}
