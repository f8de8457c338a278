import type { Reachability, ReachPeer } from "../../engine/reachability.ts";
import { auditedMapText } from "../audit-text.ts";
import { type PeerNames, peerNames } from "../map-names.ts";
import { compareCodePoints } from "../order.ts";
import { findArrows } from "./arrows.ts";
import {
  type GraphGroup,
  type GraphNode,
  type MapGraph,
  OUTSIDE,
  OUTSIDE_TITLE,
  wholeGroupId,
} from "./graph.ts";
import { nodeOf } from "./node.ts";
import { type AskedPairs, type Pairs, pairsOf } from "./pairs.ts";
import { findStatements } from "./statements.ts";
import { statementText } from "./words.ts";

export interface GraphOptions {
  /** Where the map is not of everything: what was asked, and how to say it, such as `only connections to shop/db`. */
  readonly asked?: AskedPairs;
  readonly scope?: string;
  /** `Kind name` of the policies in audit mode. */
  readonly audited?: readonly string[];
}

/** Who can reach whom as a graph for people. Equal reachability gives equal graphs, whatever the order of its parts. */
export function mapGraph(reach: Reachability, options: GraphOptions = {}): MapGraph {
  const pairs = pairsOf(sorted(reach), options.asked === undefined ? undefined : sortedAsked(options.asked));
  const statements = findStatements(pairs);
  const arrows = findArrows(pairs, statements);
  const names = peerNames(reach);
  const shown = new Set(reach.peers);
  const withArrow = new Set(arrows.flatMap(({ from, to }) => [from, to]));
  const aside: GraphNode[] = [];
  const nodes = new Map<string, GraphNode[]>();
  for (const [place, peer] of pairs.peers.entries()) {
    if (!shown.has(peer)) continue;
    const node = nodeOf(peer, statements.of[place]!, names);
    if (peer.kind === "external" && !withArrow.has(peer.id)) {
      aside.push(node);
      continue;
    }
    const group = pairs.groups[place]!;
    const known = nodes.get(group);
    if (known === undefined) nodes.set(group, [node]);
    else known.push(node);
  }
  const groups = [...pairs.members.keys()]
    .sort((a, b) => Number(a === OUTSIDE) - Number(b === OUTSIDE) || compareCodePoints(a, b))
    .map((id) => groupOf(id, [...wholeGroup(id, withArrow, pairs), ...(nodes.get(id) ?? [])]))
    .filter((group) => group.nodes.length > 0);
  return {
    of: pairs.peers.some((peer) => peer.kind !== "external" && peer.id !== peer.workload.id)
      ? "pods"
      : "workloads",
    groups,
    arrows,
    aside,
    notes: notesOf(groups, aside, names, options),
  };
}

const byId = (a: ReachPeer, b: ReachPeer): number => compareCodePoints(a.id, b.id);

function sorted({ peers, connections }: Reachability): Reachability {
  return { peers: [...peers].sort(byId), connections };
}

function sortedAsked({ peers, isAsked }: AskedPairs): AskedPairs {
  return { peers: [...peers].sort(byId), isAsked };
}

function groupOf(id: string, nodes: readonly GraphNode[]): GraphGroup {
  return { id, title: id === OUTSIDE ? OUTSIDE_TITLE : id, nodes };
}

/** The node for every peer of a group, if an arrow begins or ends there. */
function wholeGroup(group: string, withArrow: ReadonlySet<string>, pairs: Pairs): GraphNode[] {
  const id = wholeGroupId(group);
  if (!withArrow.has(id)) return [];
  const count = pairs.members.get(group)!.length;
  const isOutside = group === OUTSIDE;
  return [
    {
      id,
      title: isOutside ? "everywhere outside" : `all of ${group}`,
      detail: isOutside ? `${count} ranges of addresses` : `each of ${count}`,
      state: "all",
      statements: [],
      lines: [],
    },
  ];
}

function notesOf(
  groups: readonly GraphGroup[],
  aside: readonly GraphNode[],
  names: PeerNames,
  { scope, audited = [] }: GraphOptions,
): string[] {
  const notes: string[] = [];
  if (scope !== undefined) notes.push(`This is not everything: ${scope}.`);
  const statements = [...groups.flatMap(({ nodes }) => nodes), ...aside].flatMap((node) => node.statements);
  for (const [direction, side] of [
    ["in", "what it may send"],
    ["out", "who may come in"],
  ] as const) {
    if (!statements.some((each) => each.direction === direction && each.onlyUnlimited)) continue;
    const example = direction === "in" ? "from" : "to";
    notes.push(
      `* as in "${example} everyone*": but not whoever is limited itself in ${side}; what passes there, its own arrows and lines tell.`,
    );
  }
  const isOutsideShown = groups.some(({ nodes }) => nodes.some(({ id }) => id === wholeGroupId(OUTSIDE)));
  for (const [texts, nodes] of alike(aside)) {
    // The box of everywhere outside is about these too.
    if (texts === "" && isOutsideShown) continue;
    const all = names.list(
      nodes.map((node) => node.peer!),
      undefined,
    );
    const who = all === "outside" ? "every address outside the cluster" : all;
    notes.push(`Not drawn: ${who}; ${texts || "nothing comes from there, nothing goes there"}.`);
  }
  const note = auditedMapText(audited);
  if (note !== undefined) notes.push(note);
  return notes;
}

const OUTSIDE_GROUP = { id: OUTSIDE, title: OUTSIDE_TITLE };

/** Nodes by what their statements say. */
function alike(nodes: readonly GraphNode[]): Map<string, GraphNode[]> {
  const result = new Map<string, GraphNode[]>();
  for (const node of nodes) {
    const texts = node.statements.map((statement) => statementText(statement, OUTSIDE_GROUP)).join("; ");
    const known = result.get(texts);
    if (known === undefined) result.set(texts, [node]);
    else known.push(node);
  }
  return result;
}
