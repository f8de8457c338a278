import { stringify } from "yaml";
import type { RawCluster } from "../reference/raw.ts";

/**
 * The cluster as YAML documents that kubectl reads as they are meant: `y`, `no` and the like are quoted, which
 * YAML 1.2 alone would not ask for.
 */
export function clusterYaml(cluster: RawCluster): string {
  const objects = [...cluster.namespaces, ...cluster.nodes, ...cluster.pods, ...cluster.networkPolicies];
  return objects
    .map((object) => stringify(object, { compat: "yaml-1.1", aliasDuplicateObjects: false }))
    .join("---\n");
}
