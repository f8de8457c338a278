import { adversarialCluster } from "./adversarial.ts";
import type { GeneratedCluster } from "./inventory.ts";
import { PUBLISHED_FIGURES, PUBLISHED_SIZES, publishedCluster } from "./published.ts";
import type { ClusterStatistics } from "./statistics.ts";
import { typicalCluster } from "./typical.ts";

/** A cluster to be measured. The same options give the same cluster on every machine. */
export interface Profile {
  readonly name: string;
  readonly title: string;
  /** Figures that the generated data is meant to have. */
  readonly wanted: Partial<ClusterStatistics>;
  /** Share of the full size at which a loop over all pairs and policies ends within seconds. */
  readonly naiveScale: number;
  /** The cluster at a share of its full size. */
  generate(scale: number): GeneratedCluster;
}

const SEED = 20_261_123;

/** The profiles of `--profile`, in the order in which they run. */
export const PROFILES: readonly Profile[] = [
  {
    name: "a",
    title: "size and shape of a published real cluster",
    wanted: PUBLISHED_FIGURES,
    naiveScale: 0.08,
    generate: (scale) =>
      publishedCluster({
        seed: SEED,
        pods: part(PUBLISHED_SIZES.pods, scale),
        namespaces: part(PUBLISHED_SIZES.namespaces, scale),
        policies: part(PUBLISHED_SIZES.policies, scale),
        nodes: part(60, scale),
      }),
  },
  {
    name: "b",
    title: "a large cluster with the policies that people write",
    wanted: {},
    naiveScale: 0.01,
    generate: (scale) =>
      typicalCluster({
        seed: SEED,
        pods: part(100_000, scale),
        namespaces: part(2000, scale),
        policies: part(10_000, scale),
        nodes: part(1000, scale),
      }),
  },
  {
    name: "c",
    title: "adversarial: no two pods alike, every policy with CIDRs of its own, 1,000 port ranges",
    wanted: {},
    naiveScale: 0.05,
    generate: (scale) =>
      adversarialCluster({
        seed: SEED,
        pods: part(10_000, scale),
        namespaces: part(100, scale),
        policies: part(10_000, scale),
        nodes: part(200, scale),
        portRanges: 1000,
        overlapping: false,
      }),
  },
  {
    name: "d",
    title: "as c, with peers that overlap in every way and named ports that differ from pod to pod",
    wanted: {},
    naiveScale: 0.5,
    generate: (scale) =>
      adversarialCluster({
        seed: SEED,
        pods: part(600, scale),
        namespaces: part(10, scale),
        policies: part(600, scale),
        nodes: part(20, scale),
        portRanges: 1000,
        overlapping: true,
      }),
  },
];

function part(full: number, scale: number): number {
  return Math.max(1, Math.round(full * scale));
}

/** One curve of growth: the same cluster with more and more of one thing. */
export interface GrowthCurve {
  readonly name: string;
  readonly title: string;
  readonly points: readonly Profile[];
}

/** Four points a factor of ten apart in all. */
const STEPS: readonly number[] = [0.1, 0.215, 0.464, 1];

export const GROWTH: readonly GrowthCurve[] = [
  growthCurve("pods", "ten times the pods (in more workloads), policies and namespaces fixed", (share) => ({
    pods: 100_000 * share,
    policies: 10_000,
  })),
  growthCurve("policies", "ten times the policies, pods and namespaces fixed", (share) => ({
    pods: 100_000,
    policies: 10_000 * share,
  })),
];

function growthCurve(
  name: string,
  title: string,
  sizes: (share: number) => { readonly pods: number; readonly policies: number },
): GrowthCurve {
  const points = STEPS.map((share): Profile => {
    const { pods, policies } = sizes(share);
    return {
      name: `growth-${name}-${share}`,
      title: `${part(pods, 1)} pods, ${part(policies, 1)} policies`,
      wanted: {},
      naiveScale: 0,
      generate: (scale) =>
        typicalCluster({
          seed: SEED,
          pods: part(pods, scale),
          namespaces: part(1000, scale),
          policies: part(policies, scale),
          nodes: part(1000, scale),
        }),
    };
  });
  return { name, title, points };
}

/** Throws an Error for a name that no profile has. */
export function profileNamed(name: string): Profile {
  const profile = [...PROFILES, ...GROWTH.flatMap(({ points }) => points)].find((each) => each.name === name);
  if (profile === undefined) throw new Error(`there is no profile ${name}`);
  return profile;
}
