import type { ClusterNamespace, ClusterPod, ClusterWorkload } from "../cluster/cluster.ts";
import type { PodClass } from "../engine/classes.ts";
import type { Engine } from "../engine/engine.ts";
import type { Direction } from "../k8s/objects.ts";
import { requirementsOf, selectorMatches } from "../k8s/selector.ts";
import { type Address, FAMILIES, type Family } from "../net/address.ts";
import type { PortSet } from "../net/port-set.ts";
import type { PodSelection } from "../policy/policy.ts";
import { EVERY_POD, patternOf } from "./pod-pattern.ts";
import { type PotentialAddresses, potentialAddresses } from "./potential-addresses.ts";
import { type PotentialPods, potentialPods } from "./potential-pods.ts";
import { certainPorts, potentialRules } from "./potential-rules.ts";

/** Who could connect to the workloads of a cluster, and whom they could reach, beyond the pods that are there now. */
export interface Exposure {
  /** One entry for each workload and direction; more where its pods differ. Host-network workloads have none. */
  readonly sides: readonly ExposedSide[];
  /** Workloads on the network of their nodes, to which no policy applies. */
  readonly hostNetwork: readonly ClusterWorkload[];
}

/** One direction of pods of a workload that all policies treat alike. */
export interface ExposedSide {
  readonly workload: ClusterWorkload;
  /** All of the workload's pods, as a rule. */
  readonly pods: readonly ClusterPod[];
  readonly direction: Direction;
  /** False if no policy of any kind says anything about the direction, so that everything may pass. */
  readonly limited: boolean;
  readonly families: readonly ExposedFamily[];
}

/** What holds in some address families: in both, where they do not differ. */
export interface ExposedFamily {
  readonly families: readonly Family[];
  readonly pods: readonly ExposedPods[];
  readonly addresses: readonly PotentialAddresses[];
}

export interface ExposedPods extends PotentialPods {
  /** The pods of the cluster that are such pods now, the workload's own included. */
  readonly wearers: readonly ClusterPod[];
}

/**
 * For each workload and direction who may pass as far as the policies about the workload decide: any pod, pods with
 * certain labels, addresses outside. Whether a pod with these labels exists makes no difference.
 */
export function exposure(engine: Engine): Exposure {
  const sides: ExposedSide[] = [];
  const wearersOf = wearersFinder(engine);
  for (const workload of engine.cluster.workloads) {
    if (workload.hostNetwork) continue;
    for (const direction of ["ingress", "egress"] as const) {
      sides.push(...sidesOf(engine, workload, direction, wearersOf));
    }
  }
  return { sides, hostNetwork: engine.cluster.workloads.filter((workload) => workload.hostNetwork) };
}

type WearersFinder = (selection: PodSelection) => readonly ClusterPod[];

function sidesOf(
  engine: Engine,
  workload: ClusterWorkload,
  direction: Direction,
  wearersOf: WearersFinder,
): ExposedSide[] {
  const groups = new Map<string, { pods: ClusterPod[]; side: Omit<ExposedSide, "pods"> }>();
  const ofClasses = new Map<PodClass, string>();
  for (const pod of workload.pods) {
    const podClass = classOf(engine, pod);
    if (podClass === undefined) continue;
    const known = ofClasses.get(podClass);
    if (known !== undefined) {
      groups.get(known)!.pods.push(pod);
      continue;
    }
    const side = sideOf(engine, workload, pod, podClass, direction, wearersOf);
    const key = sideKey(side);
    ofClasses.set(podClass, key);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { pods: [pod], side });
    else group.pods.push(pod);
  }
  return [...groups.values()].map(({ pods, side }) => ({ ...side, pods }));
}

function classOf(engine: Engine, pod: ClusterPod): PodClass | undefined {
  return engine.view(4).classOf(pod) ?? engine.view(6).classOf(pod);
}

function sideOf(
  engine: Engine,
  workload: ClusterWorkload,
  pod: ClusterPod,
  podClass: PodClass,
  direction: Direction,
  wearersOf: WearersFinder,
): Omit<ExposedSide, "pods"> {
  const { cluster } = engine;
  let limited = false;
  const families: ExposedFamily[] = [];
  for (const family of FAMILIES) {
    const view = engine.view(family);
    if (podClass.areas[family] === undefined) continue;
    const policies = view.policiesOf(podClass);
    const rules = potentialRules(policies, direction, family, pod, cluster.namespaces);
    const everyPod = patternOf(EVERY_POD, cluster.namespaces)!;
    const podPortsAt = (address: Address): PortSet =>
      certainPorts(potentialRules(policies, direction, family, pod, cluster.namespaces, address), everyPod);
    limited ||= rules.limited;
    const pods = potentialPods(rules, pod.namespace, cluster.namespaces).map(
      (each): ExposedPods => ({ ...each, wearers: wearersOf(each.selection) }),
    );
    const addresses = potentialAddresses(view, view.row(direction, podClass), cluster, podPortsAt);
    const [before] = families;
    if (before !== undefined && podsKey(before.pods) === podsKey(pods)) {
      families[0] = {
        families: [...before.families, family],
        pods,
        addresses: [...before.addresses, ...addresses],
      };
    } else {
      families.push({ families: [family], pods, addresses });
    }
  }
  return { workload, direction, limited, families };
}

function podsKey(pods: readonly PotentialPods[]): string {
  return JSON.stringify(
    pods.map(({ selection, ports, named, except }) => [
      selection,
      ports.key,
      named.map(({ name, protocol, opens, closes }) => [name, protocol, opens.key, closes.key]),
      except.map((each) => [each.selection, each.ports.key, each.name]),
    ]),
  );
}

function sideKey({ families }: Omit<ExposedSide, "pods">): string {
  return JSON.stringify(
    families.map((each) => [
      each.families,
      podsKey(each.pods),
      each.addresses.map(({ ranges, ports }) => [
        ranges.map(({ first, last }) => `${first}-${last}`),
        ports.key,
      ]),
    ]),
  );
}

function wearersFinder({ cluster }: Engine): WearersFinder {
  const known = new Map<string, readonly ClusterPod[]>();
  return (selection) => {
    const key = JSON.stringify(selection);
    let wearers = known.get(key);
    if (wearers === undefined) {
      wearers = cluster.pods.filter(
        (pod) => !pod.hostNetwork && isChosen(pod, selection, cluster.namespaces),
      );
      known.set(key, wearers);
    }
    return wearers;
  };
}

function isChosen(
  pod: ClusterPod,
  { namespaces, pods }: PodSelection,
  known: ReadonlyMap<string, ClusterNamespace>,
): boolean {
  const isThere =
    namespaces.kind === "name"
      ? namespaces.name === pod.namespace
      : selectorMatches(namespaces.selector, known.get(pod.namespace)?.labels ?? {});
  return isThere && selectorMatches(pods, pod.labels);
}

/** True if a selection asks for no label at all, of any namespace. */
export function isEveryPod({ namespaces, pods }: PodSelection): boolean {
  return (
    namespaces.kind === "selector" &&
    requirementsOf(namespaces.selector).length === 0 &&
    requirementsOf(pods).length === 0
  );
}
