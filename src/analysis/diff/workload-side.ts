import type { ClusterPod, ClusterWorkload } from "../../cluster/cluster.ts";
import type { Area } from "../../engine/areas.ts";
import type { PodClass } from "../../engine/classes.ts";
import type { Engine } from "../../engine/engine.ts";
import type { FamilyView } from "../../engine/family-view.ts";
import { portsOfClass, type Row } from "../../engine/row.ts";
import type { Direction } from "../../k8s/objects.ts";
import { addressKey, type Family } from "../../net/address.ts";
import { ALL_PORTS, intersectPorts, type PortSet, unionPorts } from "../../net/port-set.ts";

/** A workload in one state, and what is to be known of it to judge its pairs. */
export interface WorkloadSide {
  readonly engine: Engine;
  readonly workload: ClusterWorkload;
  /** Its pods on the networks of nodes. */
  readonly hosts: readonly ClusterPod[];
  readonly families: Readonly<Record<Family, FamilySide>>;
}

/** A workload in one state and family. */
export interface FamilySide {
  readonly view: FamilyView;
  /** The classes of its pods, each once, and beside them how many of its pods are in each. */
  readonly classes: readonly PodClass[];
  readonly podCounts: readonly number[];
  /** How many of its pods are on the networks of nodes, where their addresses lie, and the nodes that have these. */
  readonly hostCount: number;
  readonly hostAreas: ReadonlySet<Area>;
  readonly hostNodes: ReadonlySet<string>;
  /** The nodes that its other pods run on. */
  readonly nodes: ReadonlySet<string>;
  /** The rows of `classes`, once they have been asked for. */
  rows: Partial<Record<Direction, readonly Row[]>>;
}

/** The rows of the classes, beside them. */
export function rowsOf(side: FamilySide, direction: Direction): readonly Row[] {
  const known = side.rows[direction];
  if (known !== undefined) return known;
  const rows = side.classes.map((podClass) => side.view.row(direction, podClass));
  side.rows[direction] = rows;
  return rows;
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
  const ofFamily = (family: Family): FamilySide => familySide(engine, workload.pods, family, nodesOfAddress);
  const hosts = workload.pods.filter((pod) => pod.hostNetwork);
  return { engine, workload, hosts, families: { 4: ofFamily(4), 6: ofFamily(6) } };
}

function familySide(
  engine: Engine,
  pods: readonly ClusterPod[],
  family: Family,
  nodesOfAddress: ReadonlyMap<number | bigint, readonly string[]>,
): FamilySide {
  const view = engine.view(family);
  const counts = new Map<PodClass, number>();
  const hostAreas = new Set<Area>();
  const hostNodes = new Set<string>();
  const nodes = new Set<string>();
  let hostCount = 0;
  for (const pod of pods) {
    const address = pod.addresses[family];
    if (address === undefined) continue;
    if (pod.hostNetwork) {
      hostCount++;
      hostAreas.add(view.areas.areaAt(address.value));
      for (const node of nodesOfAddress.get(addressKey(address)) ?? []) hostNodes.add(node);
      continue;
    }
    const podClass = view.classOf(pod)!;
    counts.set(podClass, (counts.get(podClass) ?? 0) + 1);
    if (pod.node !== undefined) nodes.add(pod.node);
  }
  return {
    view,
    classes: [...counts.keys()],
    podCounts: [...counts.values()],
    hostCount,
    hostAreas,
    hostNodes,
    nodes,
    rows: {},
  };
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
  const [source, destination] = [from.families[family], to.families[family]];
  const isSame = from === to;
  let ports = isSame ? portsWithin(source) : portsBetweenClasses(source, destination);
  const add = (more: PortSet): void => {
    ports = ports === undefined ? more : unionPorts(ports, more);
  };
  const { view } = source;
  if (destination.hostCount > 0) {
    for (const row of rowsOf(source, "egress")) {
      for (const area of destination.hostAreas) add(view.portsOfArea(row, area));
    }
  }
  if (source.hostCount === 0) return ports;
  if (destination.classes.length > 0) {
    // A node reaches its own pods whatever the policies say.
    if (meet(source.hostNodes, destination.nodes)) add(ALL_PORTS);
    else {
      for (const row of rowsOf(destination, "ingress")) {
        for (const area of source.hostAreas) add(view.portsOfArea(row, area));
      }
    }
  }
  if (destination.hostCount > (isSame ? 1 : 0)) add(ALL_PORTS);
  return ports;
}

/** What may pass between pods of the pod network of two workloads; undefined if one has none. */
export function portsBetweenClasses(from: FamilySide, to: FamilySide): PortSet | undefined {
  const count = from.classes.length;
  if (count === 0 || to.classes.length === 0) return undefined;
  const leaving = rowsOf(from, "egress");
  const entering = rowsOf(to, "ingress");
  let ports: PortSet | undefined;
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < entering.length; j++) {
      const passing = intersectPorts(
        portsOfClass(leaving[i]!, to.classes[j]!),
        portsOfClass(entering[j]!, from.classes[i]!),
      );
      ports = ports === undefined ? passing : unionPorts(ports, passing);
    }
  }
  return ports;
}

/** The same between different pods of one workload. */
function portsWithin(side: FamilySide): PortSet | undefined {
  if (side.classes.length === 0 || (side.classes.length === 1 && side.podCounts[0]! < 2)) return undefined;
  const leaving = rowsOf(side, "egress");
  const entering = rowsOf(side, "ingress");
  let ports: PortSet | undefined;
  for (const [i, from] of side.classes.entries()) {
    for (const [j, to] of side.classes.entries()) {
      if (i === j && side.podCounts[i]! < 2) continue;
      const passing = intersectPorts(portsOfClass(leaving[i]!, to), portsOfClass(entering[j]!, from));
      ports = ports === undefined ? passing : unionPorts(ports, passing);
    }
  }
  return ports;
}

/** What may pass in a family between a workload and the addresses of an area, which are nobody in particular. */
export function portsWithArea(
  side: WorkloadSide | undefined,
  direction: Direction,
  area: Area,
): PortSet | undefined {
  const ofFamily = side?.families[area.cidr.family];
  if (ofFamily === undefined) return undefined;
  if (ofFamily.hostCount > 0) return ALL_PORTS;
  let ports: PortSet | undefined;
  for (const row of rowsOf(ofFamily, direction)) {
    const passing = ofFamily.view.portsOfArea(row, area);
    ports = ports === undefined ? passing : unionPorts(ports, passing);
  }
  return ports;
}

function meet<T>(a: ReadonlySet<T>, b: ReadonlySet<T>): boolean {
  const [small, large] = a.size < b.size ? [a, b] : [b, a];
  for (const each of small) if (large.has(each)) return true;
  return false;
}
