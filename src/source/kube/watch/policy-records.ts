import { type ClusterPolicyObject, policyId } from "../../../cluster/change.ts";
import type { Finding } from "../../../k8s/finding.ts";
import type { KubernetesObject } from "../../../k8s/objects.ts";
import { parseLive } from "../live-object.ts";
import { type PolicyVersion, type PolicyVersionChange, policyVersionOf } from "../policy-version.ts";
import type { KubeResource } from "../resource.ts";
import type { RawObject } from "./watch-event.ts";

/** A policy as it was read. */
export interface PolicyRecord {
  readonly policy: ClusterPolicyObject;
  readonly version: PolicyVersion;
  readonly findings: readonly Finding[];
}

/** Reads policies; one that is not understood comes back as broken, with findings. */
export function policyReader(
  resource: KubeResource,
  context: string,
): (object: RawObject) => PolicyRecord | undefined {
  return (object) => {
    const { objects, findings } = parseLive(object, resource, context);
    const policy = objects.find(isPolicy);
    return policy && { policy, version: policyVersionOf(object), findings };
  };
}

function isPolicy(object: KubernetesObject): object is ClusterPolicyObject {
  return "broken" in object;
}

/** What is known of policies apart from what they say. */
export interface PolicyRecords {
  readonly versions: ReadonlyMap<string, PolicyVersion>;
  /** All policies of a kind. Returns what is different, as do the others. */
  replace(resource: KubeResource, kind: string, records: readonly PolicyRecord[]): PolicyVersionChange[];
  set(resource: KubeResource, record: PolicyRecord): PolicyVersionChange[];
  remove(resource: KubeResource, policy: string): PolicyVersionChange[];
}

export function policyRecords(
  onFindings: (resource: KubeResource, policy: string, findings: readonly Finding[]) => void,
): PolicyRecords {
  const versions = new Map<string, PolicyVersion>();
  /** The policies with findings. */
  const doubtful = new Set<string>();

  const find = (resource: KubeResource, id: string, findings: readonly Finding[]): void => {
    if (findings.length > 0) doubtful.add(id);
    else if (!doubtful.delete(id)) return;
    onFindings(resource, id, findings);
  };
  const set: PolicyRecords["set"] = (resource, { policy, version, findings }) => {
    const id = policyId(policy);
    const before = versions.get(id);
    if (before?.uid === version.uid && before.resourceVersion === version.resourceVersion) return [];
    versions.set(id, version);
    find(resource, id, findings);
    return [{ policy: id, version }];
  };
  const remove: PolicyRecords["remove"] = (resource, id) => {
    if (!versions.delete(id)) return [];
    find(resource, id, []);
    return [{ policy: id, version: undefined }];
  };
  return {
    versions,
    set,
    remove,
    replace(resource, kind, records) {
      const there = new Set(records.map(({ policy }) => policyId(policy)));
      const gone = [...versions.keys()].filter((id) => id.startsWith(`${kind} `) && !there.has(id));
      return [
        ...gone.flatMap((id) => remove(resource, id)),
        ...records.flatMap((record) => set(resource, record)),
      ];
    },
  };
}
