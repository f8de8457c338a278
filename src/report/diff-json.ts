import type { ConnectionChange, ConnectionDiff } from "../analysis/diff/connection-diff.ts";
import type { Danger } from "../analysis/diff/danger.ts";
import { ratePair } from "../analysis/diff/danger.ts";
import type { DiffPeer } from "../analysis/diff/diff-peers.ts";
import type { ServiceKind } from "../analysis/well-known-ports.ts";
import type { Position } from "../k8s/location.ts";
import { formatRange } from "../net/address-partition.ts";
import { portSetTokens } from "../net/port-set.ts";
import { describePolicy } from "../policy/describe.ts";
import type { Policy } from "../policy/policy.ts";
import { reasonTexts } from "./diff-reason.ts";
import { endId, policyPosition } from "./explain-words.ts";
import { compareCodePoints } from "./order.ts";

/** `schemas/podwall.diff.v1.schema.json`. */
export interface DiffDocument {
  readonly schema: "podwall.diff/v1";
  readonly summary: {
    readonly opens: number;
    readonly closes: number;
    /** How many of those that open do so from outside or to a port that should rarely be open. */
    readonly dangerous: number;
    /** Absent where it was not counted. */
    readonly unchanged?: number;
    readonly by: ConnectionDiff["counts"]["by"];
  };
  /** The ends of the changes. */
  readonly peers: readonly DiffPeerDocument[];
  /** The most dangerous first. */
  readonly changes: readonly DiffChange[];
  readonly isolation: readonly {
    readonly workload: string;
    readonly direction: "ingress" | "egress";
    readonly now: "isolated" | "open";
    readonly cause: "policy" | "pods";
  }[];
  readonly policies: readonly {
    readonly change: "added" | "removed" | "changed" | "rewritten";
    readonly policy: string;
    readonly before?: DiffPlace;
    readonly after?: DiffPlace;
  }[];
  readonly workloads: ConnectionDiff["objects"]["workloads"];
  readonly namespaces: ConnectionDiff["objects"]["namespaces"];
  readonly nodes: number;
}

export type DiffPeerDocument =
  | {
      readonly id: string;
      readonly kind: "workload";
      readonly namespace: string;
      readonly name: string;
      readonly workload: string;
    }
  | { readonly id: string; readonly kind: "external"; readonly ranges: readonly string[] };

export interface DiffChange {
  readonly change: "opens" | "closes";
  readonly cause: "policy" | "pods";
  /** Ids of peers; the same twice for the pods of one workload among themselves. */
  readonly from: string;
  readonly to: string;
  readonly ports: readonly string[];
  readonly family?: "IPv4" | "IPv6";
  readonly danger: Danger;
  readonly wellKnownPorts?: readonly {
    readonly port: number;
    readonly protocol: string;
    readonly name: string;
    readonly kind: ServiceKind;
  }[];
  readonly reasons?: readonly DiffReason[];
  /** The packet that the reasons are about. */
  readonly packet?: {
    readonly from: string;
    readonly to: string;
    readonly protocol: string;
    readonly port?: number;
  };
}

export interface DiffReason extends Partial<DiffPlace> {
  readonly text: string;
}

export interface DiffPlace {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** What opens and closes, pair by pair, as a value for JSON. */
export function diffJson(diff: ConnectionDiff): DiffDocument {
  const { counts, dangerous, unchanged, changes, isolation, objects } = diff;
  const peers = new Set<DiffPeer>();
  const list = changes.flatMap((change) => {
    for (const peer of [...change.from, ...change.to]) peers.add(peer);
    return changeDocuments(change);
  });
  return {
    schema: "podwall.diff/v1",
    summary: {
      opens: counts.opens,
      closes: counts.closes,
      dangerous,
      ...(unchanged === undefined ? {} : { unchanged }),
      by: counts.by,
    },
    peers: [...peers].map(peerDocument).sort((a, b) => compareCodePoints(a.id, b.id)),
    changes: list,
    isolation: isolation.map(({ peer, direction, now, cause }) => ({
      workload: peer.id,
      direction,
      now,
      cause,
    })),
    policies: objects.policies.map(({ change, before, after }) => ({
      change,
      policy: describePolicy((after ?? before)!),
      ...(before === undefined ? {} : { before: placeOf(before) }),
      ...(after === undefined ? {} : { after: placeOf(after) }),
    })),
    workloads: objects.workloads,
    namespaces: objects.namespaces,
    nodes: objects.nodes,
  };
}

/** How many entries the document has, without making it. */
export function countChanges({ changes }: ConnectionDiff): number {
  return changes.reduce(
    (sum, { from, to, within }) => sum + (within ? from.length : from.length * to.length),
    0,
  );
}

function changeDocuments(change: ConnectionChange): DiffChange[] {
  const { from, to, within, ports, family, reason } = change;
  const tokens = portSetTokens(ports);
  const reasons = reasonTexts(change).map(({ text, place }): DiffReason => ({ text, ...(place ?? {}) }));
  const told =
    reason === undefined || reasons.length === 0
      ? {}
      : {
          reasons,
          packet: {
            from: endId(reason.packet.from),
            to: endId(reason.packet.to),
            protocol: reason.packet.traffic.protocol,
            ...(reason.packet.traffic.protocol === "other" ? {} : { port: reason.packet.traffic.port }),
          },
        };
  const documents: DiffChange[] = [];
  for (const source of from) {
    for (const destination of within ? [source] : to) {
      if (source === destination && !within) continue;
      const { danger, wellKnown } = ratePair(source, destination, change);
      documents.push({
        change: change.change,
        cause: change.cause,
        from: source.id,
        to: destination.id,
        ports: tokens,
        ...(family === undefined ? {} : { family: `IPv${family}` as const }),
        danger,
        ...(wellKnown.length === 0 ? {} : { wellKnownPorts: wellKnown }),
        ...told,
      });
    }
  }
  return documents;
}

function peerDocument(peer: DiffPeer): DiffPeerDocument {
  if (peer.kind === "external")
    return { id: peer.id, kind: "external", ranges: peer.ranges.map(formatRange) };
  const { id, namespace, name, workloadKind } = peer;
  return { id, kind: "workload", namespace, name, workload: workloadKind };
}

function placeOf(policy: Policy): Position {
  return policyPosition(policy);
}
