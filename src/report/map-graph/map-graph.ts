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
import { linesOfOtherEnds } from "./other-ends.ts";
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
  const otherEnds = linesOfOtherEnds(pairs, statements, names);
  const shown = new Set(reach.peers);
  const withArrow = new Set(arrows.flatMap(({ from, to }) => [from, to]));
  const aside: GraphNode[] = [];
  const connected = new Set<GraphNode>();
  const nodes = new Map<string, GraphNode[]>();
  for (const [place, peer] of pairs.peers.entries()) {
    if (!shown.has(peer)) continue;
    const node = nodeOf(peer, statements.of[place]!, otherEnds.get(place) ?? [], names);
    if (peer.kind === "external" && !withArrow.has(peer.id)) {
      aside.push(node);
      if (pairs.hasConnection(place, "in") || pairs.hasConnection(place, "out")) connected.add(node);
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
    notes: notesOf(groups, aside, connected, names, options),
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
  connected: ReadonlySet<GraphNode>,
  names: PeerNames,
  { scope, audited = [] }: GraphOptions,
): string[] {
  const notes: string[] = [];
  if (scope !== undefined) notes.push(`This is not everything: ${scope}.`);
  const statements = [...groups.flatMap(({ nodes }) => nodes), ...aside].flatMap((node) => node.statements);
  for (const [direction, example, limited] of [
    ["in", "from", "what they may send"],
    ["out", "to", "who may come in"],
  ] as const) {
    if (!statements.some((each) => each.direction === direction && each.onlyUnlimited)) continue;
    notes.push(
      `* as in "${example} everyone*": without those that are limited in ${limited}; for them, see their own lines and arrows.`,
    );
  }
  const isOutsideShown = groups.some(({ nodes }) => nodes.some(({ id }) => id === wholeGroupId(OUTSIDE)));
  for (const [texts, nodes] of alike(aside, connected)) {
    // The box of everywhere outside is about these too.
    if (texts === TOLD_BY_OTHERS && isOutsideShown) continue;
    const all = names.list(
      nodes.map((node) => node.peer!),
      undefined,
    );
    const who = all === "outside" ? "every address outside the cluster" : all;
    notes.push(`Not drawn: ${who}; ${texts}.`);
  }
  const note = auditedMapText(audited);
  if (note !== undefined) notes.push(note);
  return notes;
}

const OUTSIDE_GROUP = { id: OUTSIDE, title: OUTSIDE_TITLE };

const TOLD_BY_OTHERS = "what other boxes say of everyone is about these, too";

/** Nodes by what is to be said of them. */
function alike(nodes: readonly GraphNode[], connected: ReadonlySet<GraphNode>): Map<string, GraphNode[]> {
  const result = new Map<string, GraphNode[]>();
  for (const node of nodes) {
    const statements = node.statements.map((statement) => statementText(statement, OUTSIDE_GROUP));
    const otherwise = connected.has(node) ? TOLD_BY_OTHERS : "nothing comes from there, nothing goes there";
    const texts = statements.length > 0 ? statements.join("; ") : otherwise;
    const known = result.get(texts);
    if (known === undefined) result.set(texts, [node]);
    else known.push(node);
  }
  return result;
}
