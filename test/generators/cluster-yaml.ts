import { stringify } from "yaml";
import type { RawCluster } from "../reference/raw.ts";
import { objectsOf } from "./objects-of.ts";

/**
 * The cluster as YAML documents that kubectl reads as they are meant: `y`, `no` and the like are quoted, which
 * YAML 1.2 alone would not ask for.
 */
export function clusterYaml(cluster: RawCluster): string {
  return objectsOf(cluster)
    .map((object) => stringify(object, { compat: "yaml-1.1", aliasDuplicateObjects: false }))
    .join("---\n");
}
