import type { ClusterPod, ClusterWorkload } from "../cluster/cluster.ts";
import type { PodClass } from "../engine/classes.ts";
import type { Engine } from "../engine/engine.ts";
import type { Direction } from "../k8s/objects.ts";
import { type Address, FAMILIES, type Family } from "../net/address.ts";
import { formatRange } from "../net/address-partition.ts";
import type { Policy } from "../policy/policy.ts";
import { createPatternBook, type PatternBook } from "./pod-pattern.ts";
import {
  type AddressPlace,
  addressPlaces,
  type PotentialAddresses,
  potentialAddresses,
} from "./potential-addresses.ts";
import { type PotentialException, type PotentialPods, potentialPods } from "./potential-pods.ts";
import { certainPorts, type PotentialRules, potentialRules } from "./potential-rules.ts";
import { type PresentPods, presentPods } from "./present-pods.ts";

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
 * certain labels, addresses outside. Whether a pod with these labels exists makes no difference. `isAsked` chooses
 * the workloads; all of them by default.
 */
export function exposure(
  engine: Engine,
  isAsked: (workload: ClusterWorkload) => boolean = () => true,
): Exposure {
  const workloads = engine.cluster.workloads.filter(isAsked);
  const book = createPatternBook(engine.cluster.namespaces);
  const present = presentPods(engine.cluster);
  const known: Known = { engine, book, present, pods: new Map(), policyNumbers: new Map() };
  return {
    sides: workloads
      .filter((workload) => !workload.hostNetwork)
      .flatMap((workload) =>
        (["ingress", "egress"] as const).flatMap((direction) => sidesOf(known, workload, direction)),
      ),
    hostNetwork: workloads.filter((workload) => workload.hostNetwork),
  };
}

/** What all sides share. */
interface Known {
  readonly engine: Engine;
  readonly book: PatternBook;
  readonly present: PresentPods;
  /** What was found before, by rules: most workloads of a namespace have the same. */
  readonly pods: Map<string, readonly ExposedPods[]>;
  readonly policyNumbers: Map<Policy, number>;
}

function sidesOf(known: Known, workload: ClusterWorkload, direction: Direction): ExposedSide[] {
  const groups = new Map<string, { pods: ClusterPod[]; side: Omit<ExposedSide, "pods"> }>();
  const keys = new Map<PodClass, string>();
  for (const pod of workload.pods) {
    const podClass = known.engine.view(4).classOf(pod) ?? known.engine.view(6).classOf(pod);
    if (podClass === undefined) continue;
    let key = keys.get(podClass);
    if (key === undefined) {
      const side = sideOf(known, workload, pod, podClass, direction);
      key = sideKey(side);
      keys.set(podClass, key);
      if (!groups.has(key)) groups.set(key, { pods: [], side });
    }
    groups.get(key)!.pods.push(pod);
  }
  return [...groups.values()].map(({ pods, side }) => ({ ...side, pods }));
}

function sideOf(
  known: Known,
  workload: ClusterWorkload,
  pod: ClusterPod,
  podClass: PodClass,
  direction: Direction,
): Omit<ExposedSide, "pods"> {
  const { engine, book, present } = known;
  let limited = false;
  const families: ExposedFamily[] = [];
  for (const family of FAMILIES) {
    const view = engine.view(family);
    if (podClass.areas[family] === undefined) continue;
    const policies = view.policiesOf(podClass);
    const rulesFor = (address?: Address): PotentialRules =>
      potentialRules(policies, direction, family, pod, book, address);
    const rules = rulesFor();
    limited ||= rules.limited;
    const row = view.row(direction, podClass);
    const places = addressPlaces(view, row, rulesFor);
    const pods = exposedPods(known, rules, policies, direction, pod.namespace, places);
    const addresses = potentialAddresses(view, row, present, (address) =>
      certainPorts(rulesFor(address), book.everyPod),
    );
    const [before] = families;
    if (before !== undefined && (before.pods === pods || podsKey(before.pods) === podsKey(pods))) {
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

function exposedPods(
  { book, present, pods: found, policyNumbers }: Known,
  rules: PotentialRules,
  policies: readonly Policy[],
  direction: Direction,
  home: string,
  places: readonly AddressPlace[],
): readonly ExposedPods[] {
  const numbers = policies.map((policy) => {
    const number = policyNumbers.get(policy) ?? policyNumbers.size;
    policyNumbers.set(policy, number);
    return number;
  });
  // Of a rule, its ports depend on the pod, and whether it matches every pod on the family.
  const ofRules = rules.rules.map(({ everyPod, ports }) => `${everyPod ? "*" : ""}${ports.id}`);
  // The policies decide the places, but for the family.
  const family = places[0]?.ranges[0]?.family;
  const key = JSON.stringify([home, direction, numbers, ofRules, family]);
  let pods = found.get(key);
  if (pods === undefined) {
    pods = potentialPods(rules, home, places).map((each) => ({
      ...each,
      wearers: present.choosing(book.of(each.selection)!),
    }));
    found.set(key, pods);
  }
  return pods;
}

function podsKey(pods: readonly PotentialPods[]): string {
  return JSON.stringify(
    pods.map(({ selection, ports, named, except, exceptAddresses }) => [
      selection,
      ports.key,
      named.map(({ name, protocol, opens, closes }) => [name, protocol, opens.key, closes.key]),
      except.map((each) => [each.selection, each.ports.key, each.name, sparedKeys(each)]),
      exceptAddresses.map((each) => [each.ranges.map(formatRange), each.ports.key]),
    ]),
  );
}

function sparedKeys({ spared }: PotentialException): unknown[] {
  return spared.map(({ name, protocol, ports }) => [name, protocol, ports.key]);
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
