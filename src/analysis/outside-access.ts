import type { ClusterPod } from "../cluster/cluster.ts";
import type { Engine } from "../engine/engine.ts";
import { FAMILIES, type Family } from "../net/address.ts";
import { type AddressRange, formatRange, partitionAddresses, rangeAt } from "../net/address-partition.ts";
import { portSetHas, type Transport } from "../net/port-set.ts";

/** Whether addresses outside the cluster may open connections to a port of a pod. */
export interface OutsideAccess {
  /** One text for all that are the same. */
  readonly key: string;
  /** For each family that the pod has an address of. */
  readonly families: readonly FamilyAccess[];
  /** Whether the addresses of other nodes may: some forward under their own address. Undefined if none are known. */
  readonly nodes: "all" | "some" | "none" | undefined;
}

export interface FamilyAccess {
  readonly family: Family;
  readonly outside: "all" | "some" | "none";
  /** The addresses that may, where only some may. */
  readonly ranges: readonly AddressRange[];
}

/** What policies make of connections from outside to one port of a pod. */
export function outsideAccess(
  engine: Engine,
  pod: ClusterPod,
  protocol: Transport,
  port: number,
): OutsideAccess {
  const families = FAMILIES.filter((family) => pod.addresses[family] !== undefined).map((family) =>
    familyAccess(engine, pod, family, protocol, port),
  );
  const nodes = nodesAccess(engine, pod, protocol, port);
  const key = JSON.stringify([
    families.map(({ family, outside, ranges }) => [family, outside, ranges.map(formatRange)]),
    nodes,
  ]);
  return { key, families, nodes };
}

function familyAccess(
  engine: Engine,
  pod: ClusterPod,
  family: Family,
  protocol: Transport,
  port: number,
): FamilyAccess {
  const { areas } = engine.view(family);
  const partition = partitionAddresses(
    family,
    [...areas.all()].map(({ cidr }) => cidr),
  );
  const ranges: AddressRange[] = [];
  let closed = false;
  for (const [index, start] of partition.starts.entries()) {
    const ports = engine.portsWithArea("ingress", pod, areas.areaAt(start));
    if (!portSetHas(ports, { protocol, port })) {
      closed = true;
      continue;
    }
    const range = rangeAt(partition, index);
    const before = ranges.at(-1);
    if (before !== undefined && before.last + 1n === range.first) {
      ranges[ranges.length - 1] = { ...before, last: range.last };
    } else {
      ranges.push(range);
    }
  }
  if (!closed) return { family, outside: "all", ranges: [] };
  return { family, outside: ranges.length === 0 ? "none" : "some", ranges };
}

/** Nodes other than the pod's own, which always may. */
function nodesAccess(
  engine: Engine,
  pod: ClusterPod,
  protocol: Transport,
  port: number,
): OutsideAccess["nodes"] {
  const allowed: boolean[] = [];
  for (const node of engine.cluster.nodes.values()) {
    if (node.name === pod.node) continue;
    for (const address of node.addresses) {
      if (pod.addresses[address.family] === undefined) continue;
      allowed.push(
        engine.allows({ kind: "address", address }, { kind: "pod", pod }, address.family, { protocol, port }),
      );
    }
  }
  return shareOf(allowed);
}

/** Whether pods may open connections to a port of another, in some family. Undefined if there are none. */
export function podsAccess(
  engine: Engine,
  from: readonly ClusterPod[],
  pod: ClusterPod,
  protocol: Transport,
  port: number,
): "all" | "some" | "none" | undefined {
  return shareOf(
    from.map((source) =>
      FAMILIES.some((family) =>
        engine.allows({ kind: "pod", pod: source }, { kind: "pod", pod }, family, { protocol, port }),
      ),
    ),
  );
}

function shareOf(allowed: readonly boolean[]): "all" | "some" | "none" | undefined {
  if (allowed.length === 0) return undefined;
  if (allowed.every(Boolean)) return "all";
  return allowed.some(Boolean) ? "some" : "none";
}
