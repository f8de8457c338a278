import { createEngine, type Engine } from "../../../../src/engine/engine.ts";
import { clusterFromSources } from "../../../../src/source/load-cluster.ts";

/**
 * An engine over manifests.
 * @throws Error on any error finding.
 */
export function engineOf(manifests: string): Engine {
  const { cluster, findings } = clusterFromSources([{ file: "test", text: manifests }], {});
  const errors = findings.filter(({ severity }) => severity === "error");
  if (errors.length > 0) throw new Error(JSON.stringify(errors));
  return createEngine(cluster);
}
