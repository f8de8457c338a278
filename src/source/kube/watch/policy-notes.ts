import type { Finding } from "../../../k8s/finding.ts";
import type { PolicyVersion, PolicyVersionChange } from "../policy-version.ts";

/** What is known of policies apart from what they say: their versions, and which have findings. By `policyId`. */
export interface PolicyNotes {
  readonly versions: ReadonlyMap<string, PolicyVersion>;
  /** Returns what is another version than before, as do the others. */
  set(policy: string, version: PolicyVersion, findings: readonly Finding[]): PolicyVersionChange[];
  remove(policy: string): PolicyVersionChange[];
  /** Of a kind (`NetworkPolicy`) there are only those of these ids (`shop/db`). */
  keepOnly(kind: string, ids: ReadonlySet<string>): PolicyVersionChange[];
}

/** `onFindings` is told what is wrong with a policy when that has changed: nothing (an empty list) when it is gone. */
export function createPolicyNotes(
  onFindings: (policy: string, findings: readonly Finding[]) => void,
): PolicyNotes {
  const versions = new Map<string, PolicyVersion>();
  const doubtful = new Set<string>();

  const find = (policy: string, findings: readonly Finding[]): void => {
    if (findings.length > 0) doubtful.add(policy);
    else if (!doubtful.delete(policy)) return;
    onFindings(policy, findings);
  };
  const remove = (policy: string): PolicyVersionChange[] => {
    if (!versions.delete(policy)) return [];
    find(policy, []);
    return [{ policy, version: undefined }];
  };
  return {
    versions,
    set(policy, version, findings) {
      const before = versions.get(policy);
      if (before?.uid === version.uid && before.resourceVersion === version.resourceVersion) return [];
      versions.set(policy, version);
      find(policy, findings);
      return [{ policy, version }];
    },
    remove,
    keepOnly(kind, ids) {
      const prefix = `${kind} `;
      return [...versions.keys()]
        .filter((policy) => policy.startsWith(prefix) && !ids.has(policy.slice(prefix.length)))
        .flatMap(remove);
    },
  };
}
