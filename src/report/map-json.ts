import type { Connection, PodsPeer, Reachability, ReachPeer } from "../engine/reachability.ts";
import { formatAddress } from "../net/address.ts";
import { formatRange } from "../net/address-partition.ts";
import { portSetTokens } from "../net/port-set.ts";
import { compareCodePoints } from "./order.ts";

/** `schemas/podwall.map.v1.schema.json`. */
export interface MapDocument {
  readonly schema: "podwall.map/v1";
  readonly peers: readonly MapPeer[];
  readonly connections: readonly MapConnection[];
  /** `Kind name` of the policies in audit mode, if there are any: the map shows them as if they were enforced. */
  readonly audited?: readonly string[];
}

export type MapPeer = MapPodsPeer | MapExternalPeer;

export interface MapPodsPeer {
  readonly id: string;
  readonly kind: "workload" | "pod" | "node-pod";
  readonly namespace: string;
  /** The name of the workload, or of the pod where peers are single pods. */
  readonly name: string;
  /** The kind of the workload, such as `StatefulSet`. */
  readonly workload: string;
  /** Ids, `namespace/name`. */
  readonly pods: readonly string[];
  readonly isolated: { readonly ingress: boolean; readonly egress: boolean };
  /** Set where rules of Admin or Baseline keep something from pods that are not isolated, in either direction. */
  readonly limited?: { readonly ingress: boolean; readonly egress: boolean };
  /** The addresses of its nodes, for a node-pod. */
  readonly addresses?: readonly string[];
}

export interface MapExternalPeer {
  readonly id: string;
  readonly kind: "external";
  /** `first-last`. */
  readonly ranges: readonly string[];
}

export interface MapConnection {
  /** Id of a peer. */
  readonly from: string;
  readonly to: string;
  /** Tokens such as `TCP/3306`, `UDP/1-53`, `other`, or `all` alone. */
  readonly ports: readonly string[];
  /** Set where the connection is possible in this family only, or with these ports in this family only. */
  readonly family?: "IPv4" | "IPv6";
}

/** Who can reach whom, as a value for JSON. Equal reachability and policies in audit mode give equal documents. */
export function mapJson(reach: Reachability, audited: readonly string[] = []): MapDocument {
  return {
    schema: "podwall.map/v1",
    peers: reach.peers.map(mapPeer).sort((a, b) => compareCodePoints(a.id, b.id)),
    connections: reach.connections.map(mapConnection).sort(compareMapConnections),
    ...(audited.length === 0 ? {} : { audited }),
  };
}

/** A connection with names in place of objects. */
export function mapConnection(connection: Connection): MapConnection {
  const { from, to, ports, family } = connection;
  return {
    from: from.id,
    to: to.id,
    ports: portSetTokens(ports),
    ...(family === undefined ? {} : { family: `IPv${family}` as const }),
  };
}

/** By from, to and family. */
export function compareMapConnections(a: MapConnection, b: MapConnection): number {
  return (
    compareCodePoints(a.from, b.from) ||
    compareCodePoints(a.to, b.to) ||
    compareCodePoints(a.family ?? "", b.family ?? "")
  );
}

function mapPeer(peer: ReachPeer): MapPeer {
  if (peer.kind === "external") {
    return { id: peer.id, kind: "external", ranges: peer.ranges.map(formatRange) };
  }
  return {
    id: peer.id,
    kind: peer.kind,
    namespace: peer.workload.namespace,
    name: peerName(peer),
    workload: peer.workload.kind,
    pods: peer.pods.map((pod) => pod.id),
    isolated: peer.isolated,
    ...(peer.limited.ingress || peer.limited.egress ? { limited: peer.limited } : {}),
    ...(peer.kind === "node-pod" ? { addresses: nodeAddresses(peer) } : {}),
  };
}

/** The name of a peer without its namespace and kind. */
export function peerName(peer: PodsPeer): string {
  // A node-pod is a workload or a single pod; its id tells which.
  return peer.id === peer.workload.id ? peer.workload.name : peer.pods[0]!.name;
}

function nodeAddresses(peer: PodsPeer): string[] {
  const addresses = peer.pods.flatMap((pod) => Object.values(pod.addresses).map(formatAddress));
  return [...new Set(addresses)].sort(compareCodePoints);
}
