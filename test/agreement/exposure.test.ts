// What exposure tells of pods that are not there is what the engine says once they are.
import { describe, expect, it } from "vitest";
import { type ExposedSide, exposure } from "../../src/analysis/exposure.ts";
import type { PotentialException } from "../../src/analysis/potential-pods.ts";
import type { AddressByFamily, Cluster, ClusterNamespace, ClusterPod } from "../../src/cluster/cluster.ts";
import { clusterPolicyObject, ORIGIN } from "../../src/cluster/objects.fixture.ts";
import { createEngine, type Engine } from "../../src/engine/engine.ts";
import type { ClusterNetworkPolicy, ContainerPort, Labels } from "../../src/k8s/objects.ts";
import { selectorMatches } from "../../src/k8s/selector.ts";
import { type Address, FAMILIES, type Family } from "../../src/net/address.ts";
import { type AddressRange, partitionAddresses } from "../../src/net/address-partition.ts";
import {
  NO_PORTS,
  type PortSet,
  portRange,
  portsWithin,
  subtractPorts,
  unionPorts,
} from "../../src/net/port-set.ts";
import type { PodSelection } from "../../src/policy/policy.ts";
import { randomCluster } from "../generators/cluster.ts";
import { createRandom, type Random } from "../generators/random.ts";
import {
  randomNamespaceLabels,
  randomNamespaceSelector,
  randomPodLabels,
  randomPodSelector,
} from "../generators/selectors.ts";
import { engineOf } from "./from-raw.ts";

const CLUSTERS = Number(process.env.PODWALL_EXPOSURE_CLUSTERS ?? 600);
const FIRST_SEED = Number(process.env.PODWALL_SEED ?? 1);

/** A pod that may come, with its namespace. */
interface Newcomer {
  readonly namespace: string;
  readonly namespaceLabels: Labels;
  readonly labels: Labels;
  readonly ports: readonly ContainerPort[];
}

describe("exposure agrees with the engine about pods that come later", () => {
  it.each([
    ["under NetworkPolicies", 0],
    ["under policies of every tier", 4],
  ])("%s", { timeout: 300_000 }, (_, mostClusterPolicies) => {
    let opened = 0;
    let closed = 0;
    for (let seed = FIRST_SEED; seed < FIRST_SEED + CLUSTERS; seed++) {
      const random = createRandom(seed);
      const { cluster: plain } = engineOf(randomCluster(seed, { hostNetwork: false }));
      const clusterPolicies = Array.from({ length: random.int(0, mostClusterPolicies) }, (_, index) =>
        randomClusterPolicy(random, plain, index),
      );
      const cluster: Cluster = { ...plain, clusterPolicies };
      const engine = createEngine(cluster);
      const { sides } = exposure(engine);
      for (const batch of batchesOf(random, cluster, sides)) {
        const elsewhere = judged(cluster, sides, batch, freeAddresses(engine), false);
        // A block and labels together are told of only where no tier comes before.
        const inBlock =
          mostClusterPolicies > 0
            ? []
            : judged(
                cluster,
                sides,
                batch.filter(({ ports }) => ports.length === 0),
                anyAddresses(random, engine),
                true,
              );
        for (const { side, newcomer, family, told, actual } of [...elsewhere, ...inBlock]) {
          if (told !== actual) {
            expect.fail(
              `seed ${seed}: ${side.workload.id} ${side.direction} IPv${family}, ${JSON.stringify(newcomer)}: told ${told.key}, engine ${actual.key}`,
            );
          }
          if (told === NO_PORTS) closed++;
          else opened++;
        }
      }
    }
    expect(opened).toBeGreaterThan(CLUSTERS);
    expect(closed).toBeGreaterThan(CLUSTERS / 4);
  });
});

/** Newcomers for all sides, put together where their namespaces can be there at the same time. */
function batchesOf(random: Random, cluster: Cluster, sides: readonly ExposedSide[]): Newcomer[][] {
  const batches: { newcomers: Newcomer[]; namespaces: Map<string, Labels> }[] = [];
  const known = new Map([...cluster.namespaces.values()].map(({ name, labels }) => [name, labels]));
  const newcomers = [
    ...sides.flatMap((side) => examplesOf(random, side)),
    ...[1, 2, 3, 4, 5, 6].map(() => randomNewcomer(random, cluster)),
    { namespace: "bare", namespaceLabels: { "kubernetes.io/metadata.name": "bare" }, labels: {}, ports: [] },
  ];
  for (const newcomer of newcomers) {
    const { namespace, namespaceLabels } = newcomer;
    // A namespace that has other labels already would change more than this pod.
    if (!sameLabels(known.get(namespace) ?? namespaceLabels, namespaceLabels)) continue;
    let batch = batches.find((each) =>
      sameLabels(each.namespaces.get(namespace) ?? namespaceLabels, namespaceLabels),
    );
    if (batch === undefined) {
      batch = { newcomers: [], namespaces: new Map() };
      batches.push(batch);
    }
    batch.newcomers.push(newcomer);
    batch.namespaces.set(namespace, namespaceLabels);
  }
  return batches.map((batch) => batch.newcomers);
}

function examplesOf(random: Random, side: ExposedSide): Newcomer[] {
  return side.families.flatMap(({ pods }) =>
    pods.flatMap(({ example }) => [
      { ...example, ports: [] },
      { ...example, ports: [randomPort(random)] },
    ]),
  );
}

function randomNewcomer(random: Random, cluster: Cluster): Newcomer {
  const known = random.chance(0.6) ? random.pick([...cluster.namespaces.values()]) : undefined;
  return {
    namespace: known?.name ?? "newcomers",
    namespaceLabels: known?.labels ?? {
      ...randomNamespaceLabels(random),
      "kubernetes.io/metadata.name": "newcomers",
    },
    labels: randomPodLabels(random) ?? {},
    ports: random.chance(0.5) ? [randomPort(random)] : [],
  };
}

function sameLabels(a: Labels, b: Labels): boolean {
  const text = (labels: Labels): string => JSON.stringify(Object.entries(labels).sort());
  return text(a) === text(b);
}

function randomPort(random: Random): ContainerPort {
  return {
    name: random.pick(["http", "web", "dns", "metrics"]),
    port: random.pick([53, 80, 443, 8080, 9090]),
    protocol: random.pick(["TCP", "UDP"]),
  };
}

/** What exposure tells of every newcomer, and what the engine says once all of a batch are there. */
function judged(
  cluster: Cluster,
  sides: readonly ExposedSide[],
  batch: readonly Newcomer[],
  addresses: AddressByFamily,
  isInBlock: boolean,
): { side: ExposedSide; newcomer: Newcomer; family: Family; told: PortSet; actual: PortSet }[] {
  const arrived = batch.map((newcomer, index) => ({ newcomer, pod: podOf(newcomer, index, addresses) }));
  const engine = createEngine({
    ...cluster,
    namespaces: new Map([
      ...cluster.namespaces,
      ...batch.map(({ namespace, namespaceLabels }): [string, ClusterNamespace] => [
        namespace,
        { name: namespace, labels: namespaceLabels },
      ]),
    ]),
    pods: [...cluster.pods, ...arrived.map(({ pod }) => pod)],
  });
  return sides.flatMap((side) =>
    FAMILIES.flatMap((family) =>
      side.pods
        .filter((own) => own.addresses[family] !== undefined && addresses[family] !== undefined)
        .flatMap((own) =>
          arrived.map(({ newcomer, pod }) => ({
            side,
            newcomer,
            family,
            told: toldPorts(side, newcomer, addresses[family]!, isInBlock),
            actual: actualPorts(engine, side, own, pod, family),
          })),
        ),
    ),
  );
}

/** All of them may have the same address: a pod as an end is known by itself. */
function podOf(newcomer: Newcomer, index: number, addresses: AddressByFamily): ClusterPod {
  const { namespace, labels, ports } = newcomer;
  const name = `newcomer-${index}`;
  return {
    id: `${namespace}/${name}`,
    namespace,
    name,
    labels,
    ports,
    hostNetwork: false,
    node: undefined,
    addresses,
    workload: `${namespace}/${name}[Pod]`,
    origin: ORIGIN,
  };
}

/** An address of each family in no block but those of the whole family; none where blocks cover everything. */
function freeAddresses(engine: Engine): AddressByFamily {
  const free: Partial<Record<Family, Address>> = {};
  for (const family of FAMILIES) {
    const { areas } = engine.view(family);
    const { starts } = partitionAddresses(
      family,
      [...areas.all()].map(({ cidr }) => cidr),
    );
    const value = starts.findLast((start) => areas.areaAt(start) === areas.root);
    if (value !== undefined) free[family] = { family, value };
  }
  return free;
}

/** An address of each family in any of the areas that there are. */
function anyAddresses(random: Random, engine: Engine): AddressByFamily {
  const addresses: Partial<Record<Family, Address>> = {};
  for (const family of FAMILIES) {
    const { cidr } = random.pick([...engine.view(family).areas.all()]);
    addresses[family] = { family, value: cidr.first };
  }
  return addresses;
}

function actualPorts(
  engine: Engine,
  { direction }: ExposedSide,
  own: ClusterPod,
  pod: ClusterPod,
  family: Family,
): PortSet {
  const [from, to] = direction === "ingress" ? [pod, own] : [own, pod];
  return engine.sidePorts(direction, { kind: "pod", pod: from }, { kind: "pod", pod: to }, family);
}

/** What the lines about a pod say together. */
function toldPorts(side: ExposedSide, newcomer: Newcomer, address: Address, isInBlock: boolean): PortSet {
  let told = NO_PORTS;
  const declared = newcomer.ports[0];
  for (const each of side.families) {
    if (!each.families.includes(address.family)) continue;
    for (const { ranges, podPorts } of each.addresses) {
      // Of other addresses the lines about pods tell all.
      if (isInBlock && isIn(address, ranges)) told = unionPorts(told, podPorts);
    }
    for (const { selection, ports, named, except, exceptAddresses } of each.pods) {
      if (!chooses(selection, newcomer)) continue;
      let own = ports;
      if (declared !== undefined) {
        const port = portRange(declared.protocol, declared.port);
        for (const { name, protocol, opens, closes } of named) {
          if (name !== declared.name || (protocol !== "any" && protocol !== declared.protocol)) continue;
          if (subtractPorts(port, opens) === NO_PORTS) own = unionPorts(own, port);
          if (subtractPorts(port, closes) === NO_PORTS) own = subtractPorts(own, port);
        }
      }
      for (const exception of except) {
        if (!chooses(exception.selection, newcomer)) continue;
        const { name } = exception;
        if (name === undefined) {
          const spared = declared === undefined ? NO_PORTS : sparedPorts(exception, declared);
          own = subtractPorts(own, subtractPorts(exception.ports, spared));
        } else if (
          name.name === declared?.name &&
          (name.protocol === "any" || name.protocol === declared.protocol)
        ) {
          const port = portRange(declared.protocol, declared.port);
          if (subtractPorts(port, exception.ports) === NO_PORTS) own = subtractPorts(own, port);
        }
      }
      for (const { ranges, ports: lost } of exceptAddresses) {
        if (isIn(address, ranges)) own = subtractPorts(own, lost);
      }
      told = unionPorts(told, own);
    }
  }
  return told;
}

function isIn({ family, value }: Address, ranges: readonly AddressRange[]): boolean {
  return ranges.some((range) => range.family === family && range.first <= value && value <= range.last);
}

function sparedPorts({ spared }: PotentialException, { name, port, protocol }: ContainerPort): PortSet {
  const declared = portRange(protocol, port);
  return spared.some((each) => each.name === name && portsWithin(declared, each.ports)) ? declared : NO_PORTS;
}

function chooses({ namespaces, pods }: PodSelection, newcomer: Newcomer): boolean {
  const isThere =
    namespaces.kind === "name"
      ? namespaces.name === newcomer.namespace
      : selectorMatches(namespaces.selector, newcomer.namespaceLabels);
  return isThere && selectorMatches(pods, newcomer.labels);
}

function randomClusterPolicy(random: Random, cluster: Cluster, index: number): ClusterNetworkPolicy {
  const podModels = cluster.pods.map((pod) => pod.labels);
  const namespaceModels = [...cluster.namespaces.values()].map(({ labels }) => labels);
  const peer = (): object =>
    random.chance(0.5)
      ? { namespaces: randomNamespaceSelector(random, namespaceModels) }
      : {
          pods: {
            namespaceSelector: randomNamespaceSelector(random, namespaceModels),
            podSelector: randomPodSelector(random, podModels),
          },
        };
  const protocol = (): object =>
    random.weighted<object>([
      [5, { tcp: { destinationPort: { number: random.pick([80, 443, 8080]) } } }],
      [2, { tcp: { destinationPort: { range: { start: 80, end: 8080 } } } }],
      [1, { udp: { destinationPort: { number: 53 } } }],
      [2, { destinationNamedPort: random.pick(["http", "web", "dns"]) }],
    ]);
  const tier = random.pick(["Admin", "Baseline"] as const);
  const rules = (peersField: "from" | "to"): object[] =>
    Array.from({ length: random.int(0, 3) }, () => ({
      action: random.pick(tier === "Admin" ? ["Accept", "Deny", "Pass"] : ["Accept", "Deny"]),
      [peersField]: Array.from({ length: random.int(1, 2) }, peer),
      ...(random.chance(0.5) ? {} : { protocols: [protocol()] }),
    }));
  const spec: Partial<ClusterNetworkPolicy["spec"]> = {
    tier,
    priority: index,
    subject: { namespaces: random.chance(0.6) ? {} : randomNamespaceSelector(random, namespaceModels) },
    ingress: rules("from"),
    egress: rules("to"),
  } as Partial<ClusterNetworkPolicy["spec"]>;
  return clusterPolicyObject(`cluster-policy-${index}`, spec);
}
