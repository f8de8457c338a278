import type {
  IpBlock,
  LabelSelector,
  Namespace,
  NetworkPolicy,
  NetworkPolicyPeer,
  NetworkPolicyPort,
  NetworkPolicySpec,
} from "../../src/k8s/objects.ts";
import type { Random } from "../../test/generators/random.ts";
import { apportion, GENERATED, type PlannedWorkload, workloadsByNamespace } from "./inventory.ts";
import { PUBLISHED_FIGURES } from "./published.ts";
import { generatedBlocks, generatedPorts } from "./published-values.ts";
import { steered } from "./steered.ts";

/** A selector and the number of pods that it matches. */
interface Counted<T> {
  readonly item: T;
  readonly pods: number;
}

/** `count` policies; namespaces with more pods have more of them. */
export function publishedPolicies(
  count: number,
  namespaces: readonly Namespace[],
  sizes: readonly number[],
  workloads: readonly PlannedWorkload[],
  random: Random,
): NetworkPolicy[] {
  const inNamespace = workloadsByNamespace(workloads);
  const counts = apportion(count, namespaces.length, (i) => sizes[i]! ** 0.75);
  const localPods = steered(PUBLISHED_FIGURES.meanLocalPods, random);
  const peerPods = steered(PUBLISHED_FIGURES.meanPeerPodsOfSelector, random);
  const wide = widePeers(namespaces, sizes, workloads);
  const blocks = generatedBlocks(Math.max(20, Math.round(count / 5)), random);
  const ports = generatedPorts(random);

  return namespaces.flatMap(({ name: namespace }, i) => {
    const own = inNamespace.get(namespace)!;
    const subject = (): LabelSelector => {
      const workload = random.pick(own);
      return localPods.choose<LabelSelector>(
        { item: bySelector("app", workload), pods: podsWith(own, "app", workload) },
        random.chance(0.8)
          ? { item: {}, pods: sizes[i]! }
          : { item: bySelector("component", workload), pods: podsWith(own, "component", workload) },
      );
    };
    const selectorPeer = (): NetworkPolicyPeer =>
      peerPods.choose<NetworkPolicyPeer>(
        narrowPeer(smallerOfTwo(random.chance(0.7) ? own : workloads, random), namespace),
        random.pick(wide),
      );
    return Array.from({ length: counts[i]! }, (_, index): NetworkPolicy => {
      const peers: NetworkPolicyPeer[] = [
        ...Array.from({ length: howMany(SELECTORS, random) }, selectorPeer),
        ...Array.from({ length: howMany(CIDRS, random) }, (): { ipBlock: IpBlock } => ({
          ipBlock: blocks.pick(),
        })),
      ];
      const items = Array.from({ length: howMany(PORTS, random) }, () => ports.pick());
      return {
        kind: "NetworkPolicy",
        namespace,
        name: `policy-${index + 1}`,
        spec: specOf(subject(), peers, items, random),
        broken: false,
        origin: GENERATED,
      };
    });
  });
}

type Spread = readonly (readonly [weight: number, least: number, most: number])[];

/** How many a policy has: the medians are the published ones, the tails are long. */
const SELECTORS: Spread = [
  [22, 0, 0],
  [50, 1, 1],
  [16, 2, 2],
  [12, 3, 8],
];
const CIDRS: Spread = [
  [30, 0, 0],
  [44, 1, 1],
  [12, 2, 2],
  [12, 3, 10],
  [2, 20, 60],
];
const PORTS: Spread = [
  [22, 0, 0],
  [50, 1, 1],
  [18, 2, 2],
  [10, 3, 8],
];

function howMany(spread: Spread, random: Random): number {
  const [least, most] = random.weighted(spread.map(([weight, ...bounds]) => [weight, bounds] as const));
  return random.int(least, most);
}

function specOf(
  podSelector: LabelSelector,
  peers: readonly NetworkPolicyPeer[],
  ports: readonly NetworkPolicyPort[],
  random: Random,
): NetworkPolicySpec {
  // With neither peers nor ports it is the usual default deny.
  const empty = peers.length === 0 && ports.length === 0;
  const withPorts = ports.length === 0 ? {} : { ports };
  return random.chance(0.65)
    ? {
        podSelector,
        policyTypes: ["Ingress"],
        ingress: empty ? [] : [{ ...(peers.length === 0 ? {} : { from: peers }), ...withPorts }],
      }
    : {
        podSelector,
        policyTypes: ["Egress"],
        egress: empty ? [] : [{ ...(peers.length === 0 ? {} : { to: peers }), ...withPorts }],
      };
}

function bySelector(key: string, { labels }: PlannedWorkload): LabelSelector {
  return { matchLabels: { [key]: labels[key]! } };
}

function podsWith(workloads: readonly PlannedWorkload[], key: string, { labels }: PlannedWorkload): number {
  return workloads
    .filter((each) => each.labels[key] === labels[key])
    .reduce((sum, { replicas }) => sum + replicas, 0);
}

/** What others connect to is rarely what has most replicas. */
function smallerOfTwo(workloads: readonly PlannedWorkload[], random: Random): PlannedWorkload {
  const [first, second] = [random.pick(workloads), random.pick(workloads)];
  return first.replicas < second.replicas ? first : second;
}

/** One workload, of this namespace or another. */
function narrowPeer(workload: PlannedWorkload, policyNamespace: string): Counted<NetworkPolicyPeer> {
  const podSelector = bySelector("app", workload);
  const namespaceSelector = { matchLabels: { "kubernetes.io/metadata.name": workload.namespace } };
  return {
    item: workload.namespace === policyNamespace ? { podSelector } : { namespaceSelector, podSelector },
    pods: workload.replicas,
  };
}

/** The namespaces of a team or tier, wholly or one component of them, and the largest single namespaces. */
function widePeers(
  namespaces: readonly Namespace[],
  sizes: readonly number[],
  workloads: readonly PlannedWorkload[],
): Counted<NetworkPolicyPeer>[] {
  const components = [...new Set(workloads.flatMap(({ labels }) => labels.component ?? []))];
  const selectors = [
    ...distinct(namespaces, "team"),
    ...distinct(namespaces, "tier"),
    ...namespaces
      .filter((_, i) => sizes[i]! >= 35)
      .map(({ name }) => ({ "kubernetes.io/metadata.name": name })),
  ];
  return selectors.flatMap((matchLabels) => {
    const [[key, value]] = Object.entries(matchLabels) as [[string, string]];
    const names = new Set(
      namespaces
        .filter(({ name, labels }) => (key === "kubernetes.io/metadata.name" ? name : labels[key]) === value)
        .map(({ name }) => name),
    );
    const within = workloads.filter(({ namespace }) => names.has(namespace));
    const pods = within.reduce((sum, { replicas }) => sum + replicas, 0);
    const whole: Counted<NetworkPolicyPeer> = { item: { namespaceSelector: { matchLabels } }, pods };
    if (key === "kubernetes.io/metadata.name") return [whole];
    const parts = components.map((component) => ({
      item: { namespaceSelector: { matchLabels }, podSelector: { matchLabels: { component } } },
      pods: within
        .filter(({ labels }) => labels.component === component)
        .reduce((sum, { replicas }) => sum + replicas, 0),
    }));
    return [whole, ...parts];
  });
}

function distinct(namespaces: readonly Namespace[], key: string): Record<string, string>[] {
  return [...new Set(namespaces.flatMap(({ labels }) => labels[key] ?? []))].map((value) => ({
    [key]: value,
  }));
}
