import type { ReachPeer } from "../../engine/reachability.ts";
import type { Family } from "../../net/address.ts";
import type { PortSet } from "../../net/port-set.ts";

/**
 * A map for people: what would be a hairball of arrows is told in few words on the boxes. Nothing is left out: lines,
 * arrows and arrows of whole groups together say the same as the connections do.
 */
export interface MapGraph {
  readonly of: "workloads" | "pods" | "namespaces";
  /** Namespaces by name, and last what is outside of the cluster. Every one has a node. */
  readonly groups: readonly GraphGroup[];
  readonly arrows: readonly GraphArrow[];
  /** Addresses outside that get no box, as no arrow begins or ends there; the notes tell their statements. */
  readonly aside: readonly GraphNode[];
  /** Sentences without which the picture could be misread. */
  readonly notes: readonly string[];
}

export interface GraphGroup {
  /** The name of the namespace; {@link OUTSIDE} for what is outside of the cluster. */
  readonly id: string;
  readonly title: string;
  readonly nodes: readonly GraphNode[];
}

/** No namespace can have this name. */
export const OUTSIDE = "(outside)";

/** What its group is called. */
export const OUTSIDE_TITLE = "outside the cluster";

export interface GraphNode {
  /** The id of the peer, `shop/db[StatefulSet]`; `shop/*` for every peer of a group; the name of a namespace. */
  readonly id: string;
  readonly title: string;
  /** What it is: `StatefulSet, 3 pods`. */
  readonly detail: string;
  readonly state: NodeState;
  /** Set if policies limit what it may send. */
  readonly sends?: "isolated" | "limited";
  /** What is known of it beside the arrows, in order of importance. */
  readonly statements: readonly GraphStatement[];
  /** Further lines: what statements of other boxes mean for this one, or what is in a namespace. */
  readonly lines: readonly string[];
  /** The peer that it stands for; a whole group or a namespace has none. */
  readonly peer?: ReachPeer;
}

/** Of the pods of a peer: how far policies limit who may come in. `all` is a group as a whole. */
export type NodeState = "open" | "limited" | "isolated" | "node network" | "outside" | "all" | "namespace";

/** Between a node and each member of a set at least these ports are open. */
export interface GraphStatement {
  /** `in`: the members may come in; `out`: they may be reached. */
  readonly direction: "in" | "out";
  readonly set: StatementSet;
  /** True if members that policies limit at their end of the connection do not count. */
  readonly onlyUnlimited: boolean;
  readonly ports: PortSet;
}

/** Everybody else; every pod in the cluster; or every pod of the node's own namespace. */
export type StatementSet = "everyone" | "inside" | "group" | "nobody";

export interface GraphArrow {
  /** Ids of nodes. */
  readonly from: string;
  readonly to: string;
  readonly ports: PortSet;
  /** Set where it is so in this family only. */
  readonly family?: Family;
  /** How many connections between peers it stands for. */
  readonly connections: number;
}

/** The id of the node that stands for every peer of a group. */
export function wholeGroupId(group: string): string {
  return `${group}/*`;
}
