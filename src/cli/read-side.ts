import type { Finding } from "../k8s/finding.ts";
import type { KubernetesObject } from "../k8s/objects.ts";

/** One side of a comparison, as it was read. */
export interface ReadSide {
  readonly name: string;
  readonly objects: readonly KubernetesObject[];
  readonly findings: readonly Finding[];
  readonly files: number;
  readonly skipped: ReadonlyMap<string, number>;
}
