import type { ClusterChange } from "../cluster/change.ts";
import { policyId } from "../cluster/change.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { auditedPolicies, withoutAudited, withoutAuditedChange } from "../cluster/without-audited.ts";
import { createEngine, type Engine } from "../engine/engine.ts";

/** What a node enforces: all policies, and all but those in audit mode, whose denials are only logged. */
export interface PolicyEngines {
  readonly engine: Engine;
  /** Without the policies in audit mode; undefined while there are none, since it would be the same. */
  readonly unaudited: Engine | undefined;
  apply(changes: readonly ClusterChange[]): void;
}

/** Engines over a snapshot. The second is made when the first policy in audit mode appears. */
export function createPolicyEngines(cluster: Cluster): PolicyEngines {
  const engine = createEngine(cluster);
  const audited = new Set(auditedPolicies(cluster).map(policyId));
  let unaudited = audited.size === 0 ? undefined : createEngine(withoutAudited(cluster));
  return {
    engine,
    get unaudited() {
      return unaudited;
    },
    apply: (changes) => {
      engine.apply(changes);
      for (const change of changes) {
        if (change.kind === "policy-removed") audited.delete(change.id);
        if (change.kind !== "policy-set") continue;
        if (change.policy.audit === true) audited.add(policyId(change.policy));
        else audited.delete(policyId(change.policy));
      }
      if (audited.size === 0) unaudited = undefined;
      else if (unaudited === undefined) unaudited = createEngine(withoutAudited(engine.cluster));
      else unaudited.apply(changes.map(withoutAuditedChange));
    },
  };
}
