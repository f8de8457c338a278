import type { Cluster } from "../../cluster/cluster.ts";
import type { Explanation, SideExplanation } from "../../engine/explain.ts";
import type { Direction } from "../../k8s/objects.ts";
import type { Address, Family } from "../../net/address.ts";

/**
 * What the kernel did. `audited`: it would have denied the packet and let it pass; `closed-at-birth`: it denied it to or
 * from an address of the node's pods that no pod was known to have yet.
 */
export type FlowVerdict = "denied" | "audited" | "allowed" | "closed-at-birth";

/** Anything that the flow log tells. */
export type FlowLogEvent = FlowEvent | SuppressedEvent;

/** A packet that was logged, and how many more like it there were. */
export interface FlowEvent {
  readonly kind: "flow";
  /** When the packet was seen, the last of those like it: ISO 8601, UTC. */
  readonly time: string;
  /** The node whose kernel decided. */
  readonly node: string;
  readonly direction: Direction;
  readonly verdict: FlowVerdict;
  readonly family: Family;
  readonly source: FlowEnd;
  readonly destination: FlowEnd;
  /** IANA number; undefined where the packet does not tell. */
  readonly protocol?: number;
  readonly icmp?: { readonly type: number; readonly code: number };
  /** Set if the packet is a fragment other than the first, which has no ports. */
  readonly fragment?: true;
  /** Set if the copy of the packet ends before everything about it could be read. */
  readonly truncated?: true;
  /** Packets of the same flow class since its last event, beside the one that is told here. */
  readonly repeated: number;
  /** The policies that decided: `NetworkPolicy shop/db-policy`. */
  readonly policies: readonly string[];
  readonly reason: FlowReason;
}

/** One end of a flow. */
export interface FlowEnd {
  readonly address: Address;
  /** Of TCP, UDP and SCTP. */
  readonly port?: number;
  /**
   * A node's address is also that of its host-network pods: one of them is named if it alone declares the port, or if
   * no node is known to have the address.
   */
  readonly kind: "pod" | "host-network-pod" | "node" | "address";
  /** `namespace/name`. */
  readonly pod?: string;
  /** `namespace/name[Kind]`. */
  readonly workload?: string;
  /** The node that it is, or runs on. */
  readonly node?: string;
}

/** Why, as facts; words are made of them elsewhere. */
export type FlowReason =
  | DecidedReason
  /** No pod has the address yet: what is closed at birth. */
  | { readonly why: "not-known-yet" }
  /** As before, and by now the pod is known. */
  | { readonly why: "known-since"; readonly pod: string }
  /** The ports are not in the packet, so nobody can tell which rule it met. */
  | { readonly why: "no-ports" };

/** What the policies say. */
export interface DecidedReason {
  /** `rules-changed`: they say now what the kernel did not do, so they were other ones when it decided. */
  readonly why: "decided" | "rules-changed";
  readonly explanation: Explanation;
  /** The side of the explanation that the kernel's verdict is about. */
  readonly side: SideExplanation;
  /** Of the cluster no more than words about the two ends need; undefined if they need none of it. */
  readonly cluster?: Cluster;
}

/** Packets that no event tells of. */
export interface SuppressedEvent {
  readonly kind: "suppressed";
  readonly time: string;
  readonly node: string;
  readonly count: number;
  /** Over how long, in seconds; of a reader that is too slow the span of what it missed. */
  readonly seconds: number;
  /** `limits`: there were too many to tell them all; `slow-reader`: the output did not take them. */
  readonly cause: "limits" | "slow-reader";
}
