import { policyId } from "../../../cluster/change.ts";
import type { LiveCluster, LiveKind, LiveObject } from "../../../cluster/live-cluster.ts";
import type { Finding } from "../../../k8s/finding.ts";
import { formatPosition } from "../../../k8s/location.ts";
import type { KubernetesObject } from "../../../k8s/objects.ts";
import { parseLive } from "../live-object.ts";
import { policyVersionOf } from "../policy-version.ts";
import type { KubeResource } from "../resource.ts";
import type { ChangeQueue } from "./change-queue.ts";
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
  /** Shared by the sinks of a cluster. */
  readonly queue: ChangeQueue;
  readonly onProblem: (problem: FollowProblem) => void;
}

/** Brings the objects of one resource into a cluster, and tells what changes by that. */
export function clusterSink(options: ClusterSinkOptions): ObjectSink {
  const { resource, live, notes, queue } = options;
  const kind = resource.kind as LiveKind;
  /** True during a list: its changes are told in one. */
  let isHeld = false;
  const report: ChangeQueue["tell"] = (changes, versions) =>
    isHeld ? queue.add(changes, versions) : queue.tell(changes, versions);

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
      isHeld = true;
    },
    release() {
      isHeld = false;
      queue.flush();
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
