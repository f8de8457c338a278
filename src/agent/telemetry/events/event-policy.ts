import {
  ADMIN_NETWORK_POLICIES,
  apiVersionOf,
  BASELINE_ADMIN_NETWORK_POLICIES,
  CLUSTER_NETWORK_POLICIES,
  NETWORK_POLICIES,
} from "../../../source/kube/resource.ts";
import type { PolicyVersion } from "../../agent-status.ts";
import { parsePolicyId } from "../policy-name.ts";
import type { EventPolicy } from "./event-object.ts";

const KINDS = [
  NETWORK_POLICIES,
  CLUSTER_NETWORK_POLICIES,
  ADMIN_NETWORK_POLICIES,
  BASELINE_ADMIN_NETWORK_POLICIES,
];

/** A policy by its id (`NetworkPolicy shop/db`) and the version that was seen of it. Throws if it is of no known kind. */
export function eventPolicy(id: string, { uid, generation }: PolicyVersion): EventPolicy {
  const { kind, namespace, name } = parsePolicyId(id);
  const resource = KINDS.find((each) => each.kind === kind);
  if (resource === undefined) throw new Error(`${id} is no policy of a kind that we know`);
  return {
    apiVersion: apiVersionOf(resource),
    kind,
    ...(namespace === undefined ? {} : { namespace }),
    name,
    uid,
    ...(generation === undefined ? {} : { generation }),
  };
}
