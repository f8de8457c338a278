import type { ClusterChange, ClusterPolicyObject } from "../../cluster/change.ts";
import type { Cluster } from "../../cluster/cluster.ts";
import type { Finding } from "../../k8s/finding.ts";
import type { KubeClient } from "./client.ts";
import { createLiveCluster } from "./naive-live-cluster.ts";
import type { PolicyVersion, PolicyVersionChange } from "./policy-version.ts";
import {
  ADMIN_NETWORK_POLICIES,
  BASELINE_ADMIN_NETWORK_POLICIES,
  CLUSTER_NETWORK_POLICIES,
  type KubeResource,
  NAMESPACES,
  NETWORK_POLICIES,
  NODES,
  PODS,
} from "./resource.ts";
import type { SourceStatus } from "./source-status.ts";
import { FOLLOW_TIMES, type FollowTimes } from "./watch/follow-times.ts";
import { objectReader } from "./watch/object-reader.ts";
import { type PolicyRecord, policyReader, policyRecords } from "./watch/policy-records.ts";
import { type FollowProblem, tell } from "./watch/problem.ts";
import { type ObjectSink, type Reflector, type SourceEventType, startReflector } from "./watch/reflector.ts";
import { servedKinds } from "./watch/served-kinds.ts";
import type { RawObject } from "./watch/watch-event.ts";

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

/** Begins to follow a cluster. The client stays open when the follower is closed. */
export function followCluster(options: FollowOptions): ClusterFollower {
  const { client, random = Math.random } = options;
  const times = { ...FOLLOW_TIMES, ...options.times };
  const onProblem = options.onProblem ?? warnProcess;
  const live = createLiveCluster(options.seed === undefined ? {} : { seed: options.seed });
  const controller = new AbortController();
  const { signal } = controller;
  const served = servedKinds(client, times.kinds / 2);
  const waiting = new Set<KubeResource>();
  let synced = false;
  /** What came in the turn of the event loop in which `synced` was resolved. */
  let held: (() => void)[] | undefined;
  let resolveSynced!: (cluster: Cluster) => void;
  let rejectSynced!: (reason: Error) => void;
  const whenSynced = new Promise<Cluster>((resolve, reject) => {
    resolveSynced = resolve;
    rejectSynced = reject;
  });
  // Nobody has to wait for it.
  whenSynced.catch(() => undefined);

  const report = (
    resource: KubeResource,
    changes: readonly ClusterChange[],
    versions: readonly PolicyVersionChange[],
  ): void => {
    if (!synced || (changes.length === 0 && versions.length === 0)) return;
    const call = (): void =>
      tell(
        resource,
        `changes of ${resource.plural}`,
        () => options.onChanges?.(changes, versions),
        onProblem,
      );
    if (held === undefined) call();
    else held.push(call);
  };

  const onListed = (resource: KubeResource): void => {
    waiting.delete(resource);
    if (synced || waiting.size > 0) return;
    synced = true;
    held = [];
    resolveSynced(live.cluster());
    setImmediate(() => {
      const calls = held!;
      held = undefined;
      if (!signal.aborted) for (const call of calls) call();
    });
  };

  const start = <T>(
    resource: KubeResource,
    take: (object: RawObject) => T | undefined,
    sink: ObjectSink<T>,
    isOptional = false,
  ): Reflector => {
    waiting.add(resource);
    return startReflector({
      client,
      resource,
      take,
      sink,
      times,
      random,
      signal,
      ...(isOptional ? { isServed: () => served.isServed(resource, signal) } : {}),
      onListed: () => onListed(resource),
      onEvent: (type) =>
        tell(resource, "counting events", () => options.onEvent?.(resource.plural, type), onProblem),
      onProblem,
    });
  };

  const startObjects = (resource: KubeResource, kind: "Pod" | "Namespace" | "Node"): Reflector =>
    start(resource, objectReader(resource, client.context.name, onProblem), {
      replace: (objects) => report(resource, live.replace(kind, objects), []),
      set: (object) => report(resource, live.set(object), []),
      remove: (id) => report(resource, live.remove(kind, id), []),
    });

  const records = policyRecords((resource, policy, findings) =>
    tell(resource, `what is wrong with ${policy}`, () => options.onFindings?.(policy, findings), onProblem),
  );
  const startPolicies = (
    resource: KubeResource,
    kind: ClusterPolicyObject["kind"],
    isOptional: boolean,
  ): Reflector => {
    const sink: ObjectSink<PolicyRecord> = {
      replace(policies) {
        const changes = live.replace(
          kind,
          policies.map(({ policy }) => policy),
        );
        report(resource, changes, records.replace(resource, kind, policies));
      },
      set: (record) => report(resource, live.set(record.policy), records.set(resource, record)),
      remove: (id) => report(resource, live.remove(kind, id), records.remove(resource, `${kind} ${id}`)),
    };
    return start(resource, policyReader(resource, client.context.name), sink, isOptional);
  };

  const reflectors = [
    startPolicies(NETWORK_POLICIES, "NetworkPolicy", false),
    startPolicies(CLUSTER_NETWORK_POLICIES, "ClusterNetworkPolicy", true),
    startPolicies(ADMIN_NETWORK_POLICIES, "AdminNetworkPolicy", true),
    startPolicies(BASELINE_ADMIN_NETWORK_POLICIES, "BaselineAdminNetworkPolicy", true),
    startObjects(NAMESPACES, "Namespace"),
    startObjects(NODES, "Node"),
    startObjects(PODS, "Pod"),
  ];

  return {
    synced: whenSynced,
    status: () => ({
      server: client.context.server,
      synced,
      resources: reflectors.map((reflector) => reflector.status()),
    }),
    policyVersions: () => records.versions,
    async close() {
      controller.abort();
      await Promise.all(reflectors.map(({ ended }) => ended));
      if (!synced) rejectSynced(new Error("the follower was closed before the cluster was known"));
    },
  };
}

function warnProcess({ message, cause }: FollowProblem): void {
  process.emitWarning(cause instanceof Error ? `${message}\n${cause.stack}` : message, "PodwallWarning");
}
