import { isMapping } from "../../k8s/check.ts";

/** Of metadata: tells one version of a policy from another. */
export interface PolicyVersion {
  readonly uid: string;
  /** Grows when the spec changes. */
  readonly generation?: number;
  readonly resourceVersion: string;
}

/** A policy that is there in another version than before, or (undefined) not any more. */
export interface PolicyVersionChange {
  /** See `policyId`: `NetworkPolicy shop/db`. */
  readonly policy: string;
  readonly version: PolicyVersion | undefined;
}

export function policyVersionOf(item: Readonly<Record<string, unknown>>): PolicyVersion {
  const { uid, generation, resourceVersion } = isMapping(item.metadata) ? item.metadata : {};
  return {
    uid: String(uid),
    ...(typeof generation === "number" ? { generation } : {}),
    resourceVersion: String(resourceVersion),
  };
}
