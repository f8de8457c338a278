import type { ClusterChange } from "../../cluster/change.ts";
import type { Cluster } from "../../cluster/cluster.ts";
import { createLiveCluster } from "../../cluster/live-cluster.ts";
import type { Finding } from "../../k8s/finding.ts";
import type { KubeClient } from "./client.ts";
import type { PolicyVersion, PolicyVersionChange } from "./policy-version.ts";
import {
  ADMIN_NETWORK_POLICIES,
  BASELINE_ADMIN_NETWORK_POLICIES,
  CLUSTER_NETWORK_POLICIES,
  CLUSTER_POLICY_GROUP,
  type KubeResource,
  NAMESPACES,
  NETWORK_POLICIES,
  NODES,
  PODS,
} from "./resource.ts";
import type { SourceStatus } from "./source-status.ts";
import { createChangeQueue } from "./watch/change-queue.ts";
import { clusterSink } from "./watch/cluster-sink.ts";
import { createFirstSync } from "./watch/first-sync.ts";
import { FOLLOW_TIMES, type FollowTimes } from "./watch/follow-times.ts";
import { createPolicyNotes } from "./watch/policy-notes.ts";
import { type FollowProblem, tell } from "./watch/problem.ts";
import { type Reflector, startReflector } from "./watch/reflector.ts";
import type { SourceEventType } from "./watch/resource-reader.ts";
import { servedKinds } from "./watch/served-kinds.ts";

export type { PolicyVersion, PolicyVersionChange } from "./policy-version.ts";

export interface FollowOptions {
  readonly client: KubeClient;
  /** What was last known: what is still the same is not held twice, once as it was and once as it is. */
  readonly seed?: Cluster;
  readonly times?: Partial<FollowTimes>;
  /** At least 0, less than 1; `Math.random` if absent. */
  readonly random?: () => number;
  /**
   * Told of what has changed since the last call, or since the cluster that `synced` gave; in order, and not before those
   * who wait for `synced` had it. Either list may be empty, not both: a policy may have a new version with the same content.
   */
  readonly onChanges?: (changes: readonly ClusterChange[], versions: readonly PolicyVersionChange[]) => void;
  /** Told what is wrong with a policy, also before `synced`; an empty list once nothing is any more, or it is gone. */
  readonly onFindings?: (policy: string, findings: readonly Finding[]) => void;
  /** Told of every event of `pods` and the like. */
  readonly onEvent?: (resource: string, type: SourceEventType) => void;
  /** Told what went wrong in this process. If absent, it goes to standard error as a warning of the process. */
  readonly onProblem?: (problem: FollowProblem) => void;
}

/** A cluster that is followed until it is closed. What goes wrong on the way is in its status, and tried again. */
export interface ClusterFollower {
  /** The cluster, once every list has been read. Rejected if it is closed before. */
  readonly synced: Promise<Cluster>;
  status(): SourceStatus;
  /** The versions of all policies that are known now, by `policyId`. */
  policyVersions(): ReadonlyMap<string, PolicyVersion>;
  /** Ends all requests; no listener is called any more. Resolves when nothing of it is left. */
  close(): Promise<void>;
}

const RESOURCES: readonly KubeResource[] = [
  NETWORK_POLICIES,
  CLUSTER_NETWORK_POLICIES,
  ADMIN_NETWORK_POLICIES,
  BASELINE_ADMIN_NETWORK_POLICIES,
  NAMESPACES,
  NODES,
  PODS,
];

/** Begins to follow a cluster. The client stays open when the follower is closed. */
export function followCluster(options: FollowOptions): ClusterFollower {
  const { client, random = Math.random } = options;
  const times = { ...FOLLOW_TIMES, ...options.times };
  const onProblem = options.onProblem ?? warnProcess;
  const guarded = (what: string, call: () => void): void => tell(what, call, onProblem);
  const controller = new AbortController();
  const { signal } = controller;
  const live = createLiveCluster(options.seed === undefined ? {} : { seed: options.seed });
  const notes = createPolicyNotes((policy, findings) =>
    guarded(`what is wrong with ${policy}`, () => options.onFindings?.(policy, findings)),
  );
  const served = servedKinds(client, times.kinds / 2, signal);
  const unread = new Set(RESOURCES);
  const sync = createFirstSync(() => {
    live.forgetSeed();
    return live.cluster();
  });

  const queue = createChangeQueue(sync.isReached, (changes, versions) =>
    sync.afterwards(() => guarded("changes of the cluster", () => options.onChanges?.(changes, versions))),
  );

  const reflect = (resource: KubeResource): Reflector => {
    const sink = clusterSink({
      resource,
      context: client.context.name,
      live,
      notes,
      queue,
      onProblem,
    });
    const isOptional = resource.group === CLUSTER_POLICY_GROUP;
    return startReflector({
      client,
      resource,
      sink,
      times,
      random,
      signal,
      ...(isOptional ? { presence: () => served.presence(resource) } : {}),
      onListed: () => {
        unread.delete(resource);
        if (unread.size === 0) sync.reach();
      },
      onEvent: (type) => guarded("an event", () => options.onEvent?.(resource.plural, type)),
      onProblem,
    });
  };
  const reflectors = RESOURCES.map(reflect);

  return {
    synced: sync.synced,
    status: () => ({
      server: client.context.server,
      synced: sync.isReached(),
      resources: reflectors.map((reflector) => reflector.status()),
    }),
    policyVersions: () => notes.versions,
    async close() {
      sync.close();
      controller.abort();
      await Promise.all(reflectors.map(({ ended }) => ended));
    },
  };
}

function warnProcess({ message, cause }: FollowProblem): void {
  process.emitWarning(cause instanceof Error ? `${message}\n${cause.stack}` : message, "PodwallWarning");
}
