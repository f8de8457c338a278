import { parseManifests } from "../../../src/k8s/manifests.ts";
import { fromClusterNetworkPolicy } from "../../../src/policy/from-cluster-network-policy.ts";
import { fromNetworkPolicy } from "../../../src/policy/from-network-policy.ts";
import type { ManifestText } from "./texts.ts";

/** What the one policy of a text means to us: as data that is equal for equal meanings. */
export function meaningOf({ text, type }: ManifestText): unknown {
  const file = type === "application/json" ? "object.json" : "object.yaml";
  const { objects } = parseManifests([{ file, text }]);
  const [object] = objects;
  if (objects.length !== 1) throw new Error(`${objects.length} objects in ${text}`);
  if (object?.kind === "NetworkPolicy")
    return withoutEmpty({ ...fromNetworkPolicy(object), origin: undefined });
  if (object?.kind === "ClusterNetworkPolicy") {
    return withoutEmpty({ ...fromClusterNetworkPolicy(object), origin: undefined });
  }
  throw new Error(`a ${object?.kind} is no policy`);
}

const OF_SELECTORS = ["matchLabels", "matchExpressions", "values"];

/** Selectors ask for the same whether an empty part is written or not; all else must be equal as it is. */
function withoutEmpty(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutEmpty);
  if (typeof value !== "object" || value === null || Object.getPrototypeOf(value) !== Object.prototype)
    return value;
  const fields = Object.entries(value).filter(([key, each]) => {
    return !OF_SELECTORS.includes(key) || (each !== undefined && Object.keys(each as object).length > 0);
  });
  return Object.fromEntries(fields.map(([key, each]) => [key, withoutEmpty(each)]));
}
