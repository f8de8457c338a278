import { type ClusterChange, policyId } from "../../../cluster/change.ts";
import type { LiveCluster, LiveKind, LiveObject } from "../../../cluster/live-cluster.ts";
import type { Finding } from "../../../k8s/finding.ts";
import { formatPosition } from "../../../k8s/location.ts";
import type { KubernetesObject } from "../../../k8s/objects.ts";
import { parseLive } from "../live-object.ts";
import { type PolicyVersionChange, policyVersionOf } from "../policy-version.ts";
import type { KubeResource } from "../resource.ts";
import { idOf, type ObjectSink } from "./object-sink.ts";
import type { PolicyNotes } from "./policy-notes.ts";
import type { FollowProblem } from "./problem.ts";
import type { RawObject } from "./watch-event.ts";

export interface ClusterSinkOptions {
  readonly resource: KubeResource;
  /** The name of the context, for findings. */
  readonly context: string;
  readonly live: LiveCluster;
  readonly notes: PolicyNotes;
  readonly onChanges: (changes: readonly ClusterChange[], versions: readonly PolicyVersionChange[]) => void;
  readonly onProblem: (problem: FollowProblem) => void;
}

/** Brings the objects of one resource into a cluster, and tells what changes by that. */
export function clusterSink(options: ClusterSinkOptions): ObjectSink {
  const { resource, live, notes } = options;
  const kind = resource.kind as LiveKind;
  let held: { readonly changes: ClusterChange[]; readonly versions: PolicyVersionChange[] } | undefined;

  const report = (changes: readonly ClusterChange[], versions: readonly PolicyVersionChange[]): void => {
    if (held === undefined) {
      if (changes.length > 0 || versions.length > 0) options.onChanges(changes, versions);
      return;
    }
    for (const change of changes) held.changes.push(change);
    for (const version of versions) held.versions.push(version);
  };

  const onNotUnderstood = (raw: RawObject, [first]: readonly Finding[]): void => {
    const why = first === undefined ? "" : ` (${formatPosition(first.position)}: ${first.message})`;
    options.onProblem({
      code: "object",
      message: `${resource.kind} ${idOf(raw)} is not understood${why}; what was known of it before stays.`,
    });
  };

  return {
    set(raw) {
      const { objects, findings } = parseLive(raw, resource, options.context);
      const object = objects.find(isFollowed);
      if (object === undefined) return onNotUnderstood(raw, findings);
      const versions = "broken" in object ? notes.set(policyId(object), policyVersionOf(raw), findings) : [];
      report(live.set(object), versions);
    },
    remove: (id) => report(live.remove(kind, id), notes.remove(`${kind} ${id}`)),
    keepOnly: (ids) => report(live.keepOnly(kind, ids), notes.keepOnly(kind, ids)),
    hold() {
      held ??= { changes: [], versions: [] };
    },
    release() {
      if (held === undefined) return;
      const { changes, versions } = held;
      held = undefined;
      report(changes, versions);
    },
  };
}

function isFollowed(object: KubernetesObject): object is LiveObject {
  return FOLLOWED.has(object.kind);
}

const FOLLOWED: ReadonlySet<string> = new Set<LiveKind>([
  "Pod",
  "Namespace",
  "Node",
  "NetworkPolicy",
  "ClusterNetworkPolicy",
  "AdminNetworkPolicy",
  "BaselineAdminNetworkPolicy",
]);
