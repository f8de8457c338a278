import type { LabelSelector, NetworkPolicy, NetworkPolicyPort } from "../../src/k8s/objects.ts";
import { createRandom, type Random } from "../../test/generators/random.ts";
import {
  GENERATED,
  type GeneratedCluster,
  generateNamespace,
  generateNodes,
  generatePods,
} from "./inventory.ts";

export interface AdversarialOptions {
  readonly seed: number;
  readonly pods: number;
  readonly namespaces: number;
  readonly policies: number;
  readonly nodes: number;
  readonly portRanges: number;
  /**
   * Whether peers also overlap in every way, with named ports that differ from pod to pod. Then nearly every pair of
   * pods has a port set of its own, and the answer itself grows with pods times policies.
   */
  readonly overlapping: boolean;
}

/** Labels on which policies select: each alone halves, thirds, ... the pods, together they single pods out. */
const FACTORS = { a: 2, b: 3, c: 5, d: 7, e: 11 };

/**
 * Made to defeat what an engine may hope for: no two pods alike, no CIDR used twice, some of them cutting through the
 * pods' own addresses, a thousand different port ranges, selectors that overlap in every way.
 */
export function adversarialCluster(options: AdversarialOptions): GeneratedCluster {
  const random = createRandom(options.seed);
  const namespaces = Array.from({ length: options.namespaces }, (_, i) =>
    generateNamespace(`ns-${i}`, { x: `x${i % 3}`, y: `y${i % 7}`, z: `z${i % 11}` }),
  );
  const nodes = generateNodes(options.nodes);
  const workloads = Array.from({ length: options.pods }, (_, i) => ({
    namespace: namespaces[i % namespaces.length]!.name,
    name: `pod-${i}`,
    replicas: 1,
    labels: {
      unique: `u${i}`,
      ...Object.fromEntries(
        Object.entries(FACTORS).map(([key, n]) => [key, `${key}${random.int(0, n - 1)}`]),
      ),
    },
    ports: [{ name: "main", port: 1 + ((i * 7) % 65_535), protocol: "TCP" as const }],
    revisions: 1,
  }));
  const ranges = portRanges(options.portRanges, random);
  return {
    namespaces,
    nodes,
    pods: generatePods(workloads, nodes, random),
    policies: Array.from({ length: options.policies }, (_, i) =>
      adversarialPolicy(i, namespaces[i % namespaces.length]!.name, options, ranges, random),
    ),
  };
}

function portRanges(count: number, random: Random): NetworkPolicyPort[] {
  return Array.from({ length: count }, (_, i) => {
    // Different first ports make different ranges; most of them overlap.
    const port = 1 + i * Math.floor(60_000 / count);
    return { protocol: random.pick(["TCP", "UDP", "SCTP"]), port, endPort: port + random.int(1, 5000) };
  });
}

function adversarialPolicy(
  index: number,
  namespace: string,
  { nodes, pods, overlapping }: AdversarialOptions,
  ranges: readonly NetworkPolicyPort[],
  random: Random,
): NetworkPolicy {
  const peers = [
    { ipBlock: { cidr: ownOutsideBlock(index) } },
    // A piece of a node's pod addresses, of its own size and place for each policy as far as there are enough.
    { ipBlock: { cidr: pieceOfNode(index, nodes) } },
    ...(overlapping
      ? [
          {
            namespaceSelector: randomSelector({ x: 3, y: 7, z: 11 }, random),
            podSelector: randomSelector(FACTORS, random),
          },
        ]
      : []),
    {
      podSelector: {
        matchExpressions: [{ key: "unique", operator: "In" as const, values: someUnique(pods, random) }],
      },
    },
  ];
  // In turn, so that each range is used.
  const ports = [
    ranges[index % ranges.length]!,
    random.pick(ranges),
    ...(overlapping ? [{ port: "main" }] : []),
  ];
  const podSelector = randomSelector(FACTORS, random);
  return {
    kind: "NetworkPolicy",
    namespace,
    name: `policy-${index}`,
    spec:
      index % 2 === 0
        ? { podSelector, policyTypes: ["Ingress"], ingress: [{ from: peers, ports }] }
        : { podSelector, policyTypes: ["Egress"], egress: [{ to: peers, ports }] },
    broken: false,
    origin: GENERATED,
  };
}

/** A /28 that no other policy has. */
function ownOutsideBlock(index: number): string {
  return `${100 + (index >>> 16)}.${(index >>> 8) & 255}.${index & 255}.${(index % 16) * 16}/28`;
}

/** Blocks of 32, then 16, 8, ... addresses of the nodes' blocks, one after the other. */
function pieceOfNode(index: number, nodes: number): string {
  let left = index;
  for (let prefix = 27; prefix < 32; prefix++) {
    const pieces = nodes * 2 ** (prefix - 24);
    if (left < pieces) {
      const node = left % nodes;
      return `10.${node >>> 8}.${node & 255}.${Math.floor(left / nodes) * 2 ** (32 - prefix)}/${prefix}`;
    }
    left -= pieces;
  }
  throw new RangeError(`${nodes} nodes are too few for ${index + 1} different pieces`);
}

/** One or two requirements of random kinds on random keys. */
function randomSelector(factors: Readonly<Record<string, number>>, random: Random): LabelSelector {
  const keys = random.sample(Object.keys(factors), random.int(1, 2));
  return {
    matchExpressions: keys.map((key) => ({
      key,
      operator: random.pick(["In", "NotIn"]),
      values: [`${key}${random.int(0, factors[key]! - 1)}`, `${key}${random.int(0, factors[key]! - 1)}`],
    })),
  };
}

function someUnique(pods: number, random: Random): string[] {
  return Array.from({ length: random.int(1, 20) }, () => `u${random.int(0, pods - 1)}`);
}
