import type { GeneratedCluster } from "./inventory.ts";
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
    name: "b",
    title: "a large cluster with the policies that people write",
    wanted: {},
    naiveScale: 0.01,
    generate: (scale) =>
      typicalCluster({
        seed: SEED,
        pods: 100_000 * scale,
        namespaces: 2000 * scale,
        policies: 10_000 * scale,
        nodes: 1000 * scale,
      }),
  },
];

/** Throws an Error for a name that no profile has. */
export function profileNamed(name: string): Profile {
  const profile = PROFILES.find((each) => each.name === name);
  if (profile === undefined) throw new Error(`there is no profile ${name}`);
  return profile;
}
