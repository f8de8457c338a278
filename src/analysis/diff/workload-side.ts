import type { ClusterPod, ClusterWorkload } from "../../cluster/cluster.ts";
import type { Area } from "../../engine/areas.ts";
import { hasFamily, type PodClass } from "../../engine/classes.ts";
import type { Engine } from "../../engine/engine.ts";
import { portsOfClass } from "../../engine/row.ts";
import type { Direction } from "../../k8s/objects.ts";
import { addressKey, FAMILIES, type Family } from "../../net/address.ts";
import { ALL_PORTS, intersectPorts, NO_PORTS, type PortSet, unionPorts } from "../../net/port-set.ts";

/** A workload in one state, and what is to be known of it to judge its pairs. */
export interface WorkloadSide {
  readonly engine: Engine;
  readonly workload: ClusterWorkload;
  /** The classes of its pods, and how many of its pods are in each. Pods on the network of a node have none. */
  readonly classes: ReadonlyMap<PodClass, number>;
  /** Its pods on the networks of nodes. */
  readonly hosts: readonly ClusterPod[];
  /** By family: where addresses of `hosts` lie, and the nodes that have these addresses. */
  readonly hostAreas: Readonly<Record<Family, ReadonlySet<Area>>>;
  readonly hostNodes: Readonly<Record<Family, ReadonlySet<string>>>;
  /** By family: the nodes that its other pods run on. */
  readonly nodes: Readonly<Record<Family, ReadonlySet<string>>>;
}

/** The sides of all workloads of an engine, by id. */
export function workloadSides(engine: Engine): Map<string, WorkloadSide> {
  const nodesOfAddress = new Map<number | bigint, string[]>();
  for (const node of engine.nodes.values()) {
    for (const address of node.addresses) {
      const key = addressKey(address);
      nodesOfAddress.set(key, [...(nodesOfAddress.get(key) ?? []), node.name]);
    }
  }
  return new Map(
    engine.cluster.workloads.map((workload) => [workload.id, sideOf(engine, workload, nodesOfAddress)]),
  );
}

function sideOf(
  engine: Engine,
  workload: ClusterWorkload,
  nodesOfAddress: ReadonlyMap<number | bigint, readonly string[]>,
): WorkloadSide {
  const classes = new Map<PodClass, number>();
  const hosts: ClusterPod[] = [];
  const hostAreas = { 4: new Set<Area>(), 6: new Set<Area>() };
  const hostNodes = { 4: new Set<string>(), 6: new Set<string>() };
  const nodes = { 4: new Set<string>(), 6: new Set<string>() };
  for (const pod of workload.pods) {
    const podClass = engine.view(4).classOf(pod) ?? engine.view(6).classOf(pod);
    if (podClass !== undefined) classes.set(podClass, (classes.get(podClass) ?? 0) + 1);
    else if (pod.hostNetwork) hosts.push(pod);
    for (const family of FAMILIES) {
      const address = pod.addresses[family];
      if (address === undefined) continue;
      if (!pod.hostNetwork) {
        if (pod.node !== undefined) nodes[family].add(pod.node);
        continue;
      }
      hostAreas[family].add(engine.view(family).areas.areaAt(address.value));
      for (const node of nodesOfAddress.get(addressKey(address)) ?? []) hostNodes[family].add(node);
    }
  }
  return { engine, workload, classes, hosts, hostAreas, hostNodes, nodes };
}

/**
 * What may pass in a family from any pod of one workload to any other pod of another, or of the same. Undefined if
 * there are no two pods with addresses of the family.
 */
export function portsBetween(
  from: WorkloadSide | undefined,
  to: WorkloadSide | undefined,
  family: Family,
): PortSet | undefined {
  if (from === undefined || to === undefined) return undefined;
  const view = from.engine.view(family);
  const isSame = from === to;
  let ports: PortSet | undefined;
  const add = (more: PortSet): void => {
    ports = unionPorts(ports ?? NO_PORTS, more);
  };
  for (const a of from.classes.keys()) {
    if (!hasFamily(a, family)) continue;
    const leaving = view.row("egress", a);
    for (const [b, pods] of to.classes) {
      if (!hasFamily(b, family) || (isSame && a === b && pods < 2)) continue;
      add(intersectPorts(portsOfClass(leaving, b), portsOfClass(view.row("ingress", b), a)));
    }
    for (const area of to.hostAreas[family]) add(view.portsOfArea(leaving, area));
  }
  if (from.hostAreas[family].size === 0) return ports;
  // A node reaches its own pods whatever the policies say.
  const isOnOwnNode = meet(from.hostNodes[family], to.nodes[family]);
  for (const b of to.classes.keys()) {
    if (!hasFamily(b, family)) continue;
    if (isOnOwnNode) add(ALL_PORTS);
    else for (const area of from.hostAreas[family]) add(view.portsOfArea(view.row("ingress", b), area));
  }
  if (hostCount(to, family) > (isSame ? 1 : 0)) add(ALL_PORTS);
  return ports;
}

/** What may pass in a family between a workload and the addresses of an area, which are nobody in particular. */
export function portsWithArea(
  side: WorkloadSide | undefined,
  direction: Direction,
  area: Area,
): PortSet | undefined {
  if (side === undefined) return undefined;
  const { family } = area.cidr;
  if (hostCount(side, family) > 0) return ALL_PORTS;
  const view = side.engine.view(family);
  let ports: PortSet | undefined;
  for (const podClass of side.classes.keys()) {
    if (!hasFamily(podClass, family)) continue;
    ports = unionPorts(ports ?? NO_PORTS, view.portsOfArea(view.row(direction, podClass), area));
  }
  return ports;
}

function hostCount({ hosts, hostAreas }: WorkloadSide, family: Family): number {
  if (hostAreas[family].size === 0) return 0;
  return hosts.filter((pod) => pod.addresses[family] !== undefined).length;
}

function meet<T>(a: ReadonlySet<T>, b: ReadonlySet<T>): boolean {
  const [small, large] = a.size < b.size ? [a, b] : [b, a];
  for (const each of small) if (large.has(each)) return true;
  return false;
}
