import type { ClusterPod } from "../../cluster/cluster.ts";
import type { End } from "../../engine/end.ts";
import type { Engine } from "../../engine/engine.ts";
import { type Address, type Family, parseAddress } from "../../net/address.ts";
import {
  intersectPorts,
  NO_PORTS,
  type PortSet,
  portSetHas,
  TRANSPORT_PROTOCOLS,
  type Traffic,
} from "../../net/port-set.ts";
import { wellKnownPortsIn } from "../well-known-ports.ts";
import { type DiffPeer, type OutsidePeer, podsOf, type WorkloadPeer } from "./diff-peers.ts";
import type { Engines, State } from "./states.ts";

/** A packet that stands for a change: it passes before or after, and not in the other state. */
export interface ChangePacket {
  readonly from: End;
  readonly to: End;
  readonly family: Family;
  readonly traffic: Traffic;
}

/** Pairs of pods that are tried, where a workload has many that differ. */
const MOST_PAIRS = 10_000;

/** A packet from one peer to another through some of the ports, that passes in a state; undefined if none is found. */
export function passingPacket(
  engines: Engines,
  state: State,
  from: DiffPeer,
  to: DiffPeer,
  ports: PortSet,
  family: Family,
): ChangePacket | undefined {
  const engine = engines[state];
  let tried = 0;
  for (const source of endsOf(engines, state, from, family)) {
    for (const destination of endsOf(engines, state, to, family)) {
      if (source.kind === "pod" && destination.kind === "pod" && source.pod === destination.pod) continue;
      const passing = intersectPorts(ports, engine.ports(source, destination, family));
      if (passing !== NO_PORTS) {
        return { from: source, to: destination, family, traffic: sampleTraffic(passing, destination) };
      }
      if (++tried > MOST_PAIRS) return undefined;
    }
  }
  return undefined;
}

/**
 * The end in another state that stands for the same: the pod of the same name, or else one of its workload, but not the
 * one at the `other` end.
 */
export function sameEnd(
  end: End,
  peer: DiffPeer,
  state: State,
  family: Family,
  other?: End,
): End | undefined {
  if (end.kind === "address" || peer.kind === "external") return end;
  const taken = other?.kind === "pod" ? other.pod : undefined;
  const pods = podsOf(peer, state).filter((pod) => pod.addresses[family] !== undefined && pod !== taken);
  const pod = pods.find(({ id }) => id === end.pod.id) ?? pods[0];
  return pod === undefined ? undefined : { kind: "pod", pod };
}

/** The pods of a workload that have an address of the family, different ones first; or an address of the range. */
function endsOf(engines: Engines, state: State, peer: DiffPeer, family: Family): End[] {
  if (peer.kind === "external") return [{ kind: "address", address: addressOf(engines, peer) }];
  return differentFirst(engines[state], peer, podsOf(peer, state), family).map((pod) => ({
    kind: "pod",
    pod,
  }));
}

function differentFirst(
  engine: Engine,
  peer: WorkloadPeer,
  pods: readonly ClusterPod[],
  family: Family,
): readonly ClusterPod[] {
  const able = pods.filter((pod) => pod.addresses[family] !== undefined);
  if (able.length < 3 || peer.onNodes) return able;
  const seen = new Set<unknown>();
  const first: ClusterPod[] = [];
  const others: ClusterPod[] = [];
  for (const pod of able) {
    const podClass = engine.view(family).classOf(pod);
    (seen.has(podClass) ? others : first).push(pod);
    seen.add(podClass);
  }
  return [...first, ...others];
}

/** Addresses that are set aside for examples, and so belong to nobody. */
const EXAMPLES: readonly Address[] = ["203.0.113.10", "2001:db8::10"].map((text) => parseAddress(text)!);

/** An address of the range that is no pod's and no node's, if there is one near. */
function addressOf(engines: Engines, { family, ranges }: OutsidePeer): Address {
  const example = EXAMPLES.find((each) => each.family === family)!;
  if (ranges.some(({ first, last }) => first <= example.value && example.value <= last)) return example;
  const isNobodys = (address: Address): boolean =>
    [engines.before, engines.after].every(
      ({ addresses }) => addresses.podAt(address) === undefined && addresses.nodeAt(address) === undefined,
    );
  for (const { first, last } of ranges) {
    for (let value = first; value <= last && value < first + 256n; value++) {
      if (isNobodys({ family, value })) return { family, value };
    }
  }
  return { family, value: ranges[0]!.first };
}

/** A port that the destination serves, else one that people know, else the first. */
function sampleTraffic(ports: PortSet, to: End): Traffic {
  const served = to.kind === "pod" ? to.pod.ports.find((port) => portSetHas(ports, port)) : undefined;
  if (served !== undefined) return { protocol: served.protocol, port: served.port };
  const known = wellKnownPortsIn(ports)[0];
  for (const protocol of TRANSPORT_PROTOCOLS) {
    const port = ports[protocol][0];
    if (port !== undefined) {
      return known?.protocol === protocol ? { protocol, port: known.port } : { protocol, port };
    }
  }
  return { protocol: "other" };
}
