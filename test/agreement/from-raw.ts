import { buildCluster } from "../../src/cluster/build.ts";
import type { End } from "../../src/engine/end.ts";
import { createEngine, type Engine } from "../../src/engine/engine.ts";
import type { Origin } from "../../src/k8s/location.ts";
import { parseObject } from "../../src/k8s/object.ts";
import type { KubernetesObject } from "../../src/k8s/objects.ts";
import { parseAddress } from "../../src/net/address.ts";
import type { PolicyKinds } from "../generators/cluster.ts";
import { objectsOf } from "../generators/objects-of.ts";
import type { End as ReferenceEnd } from "../reference/evaluate.ts";
import type { RawCluster } from "../reference/raw.ts";

/** The policies of the random clusters: half of them have both kinds. */
export const ENGINE_POLICY_KINDS: PolicyKinds = "any";

const origin: Origin = { file: "random", position: () => ({ file: "random", line: 0, column: 0 }) };

/**
 * An engine over raw objects, through the same parser and validation as manifests.
 * @throws Error on any error finding; what only a newer API knows is none, as its rule fails closed.
 */
export function engineOf(raw: RawCluster): Engine {
  const { cluster, findings } = buildCluster(parsedObjects(raw), { unaddressed: "left-out" });
  if (findings.length > 0) throw new Error(JSON.stringify(findings));
  return createEngine(cluster);
}

/** Raw objects through the parser. Throws as {@link engineOf} does. */
export function parsedObjects(raw: RawCluster): KubernetesObject[] {
  const objects: KubernetesObject[] = [];
  for (const value of objectsOf(raw)) {
    const parsed = parseObject(structuredClone(value), origin);
    const errors = parsed.findings.filter((finding) => finding.severity === "error");
    if (errors.length > 0) {
      throw new Error(
        `the generator made an object that validation refuses: ${JSON.stringify(errors)} ${JSON.stringify(value)}`,
      );
    }
    objects.push(...parsed.objects);
  }
  return objects;
}

/** The engine's end for the reference's; undefined for a pod that takes no part. */
export function engineEnd(engine: Engine, end: ReferenceEnd): End | undefined {
  if ("address" in end) return { kind: "address", address: parseAddress(end.address)! };
  const pod = engine.cluster.pods.find((each) => each.id === end.pod);
  return pod === undefined ? undefined : { kind: "pod", pod };
}
