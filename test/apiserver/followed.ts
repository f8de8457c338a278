import { type ClusterChange, changeKey } from "../../src/cluster/change.ts";
import { changedCluster } from "../../src/cluster/changed.ts";
import type { Cluster } from "../../src/cluster/cluster.ts";
import { createKubeClient, type KubeClient } from "../../src/source/kube/client.ts";
import {
  type ClusterFollower,
  type FollowOptions,
  followCluster,
} from "../../src/source/kube/follow-cluster.ts";
import { loadContext } from "../../src/source/kube/kubeconfig.ts";
import type { PolicyVersionChange } from "../../src/source/kube/policy-version.ts";
import type { RequestReport } from "../../src/source/kube/request-info.ts";
import type { ResourceStatus } from "../../src/source/kube/source-status.ts";
import type { FollowTimes } from "../../src/source/kube/watch/follow-times.ts";
import type { FollowProblem } from "../../src/source/kube/watch/problem.ts";

/** A follower, and all that it has told. */
export interface Followed {
  readonly client: KubeClient;
  readonly follower: ClusterFollower;
  readonly requests: readonly RequestReport[];
  /** The resource versions from which watches of a resource began, in order; undefined: with all objects. */
  watchedFrom(plural: string): readonly (string | undefined)[];
  readonly problems: readonly FollowProblem[];
  readonly versions: readonly PolicyVersionChange[];
  /** The findings of each policy as they were told last. */
  readonly findings: ReadonlyMap<string, readonly string[]>;
  /** `pod-set pod shop/db`, in order, since the last call. */
  takeChanges(): string[];
  /** The cluster that `synced` gave, with all changes since. */
  cluster(): Cluster;
  resource(plural: string): ResourceStatus;
  close(): Promise<void>;
}

/** Nothing in a test should wait for long, and no watch end by itself. */
export const QUICK_TIMES: Partial<FollowTimes> = {
  startSpread: 0,
  relistSpread: 0,
  backOff: 100,
  longestBackOff: 500,
  kinds: 300,
};

/** Follows the cluster of the first context of a kubeconfig; `synced` is awaited unless told otherwise. */
export async function follow(
  kubeconfig: string,
  options: Omit<FollowOptions, "client"> = {},
  awaitSynced = true,
): Promise<Followed> {
  const requests: RequestReport[] = [];
  const problems: FollowProblem[] = [];
  const versions: PolicyVersionChange[] = [];
  const findings = new Map<string, readonly string[]>();
  let changes: ClusterChange[] = [];
  let cluster: Cluster | undefined;
  const opened: { readonly path: string; readonly from: string | undefined }[] = [];
  const base = createKubeClient(await loadContext({ kubeconfig }), {
    connect: 2_000,
    answer: 2_000,
    onRequest: (report) => requests.push(report),
  });
  const client: KubeClient = {
    ...base,
    open(path, query, signal) {
      const isList = query?.sendInitialEvents === true;
      opened.push({ path, from: isList ? undefined : String(query?.resourceVersion) });
      return base.open(path, query, signal);
    },
  };
  const follower = followCluster({
    client,
    ...options,
    times: { ...QUICK_TIMES, ...options.times },
    onChanges(more, moreVersions) {
      if (cluster === undefined) throw new Error("told of changes before synced");
      changes.push(...more);
      cluster = changedCluster(cluster, more);
      versions.push(...moreVersions);
      options.onChanges?.(more, moreVersions);
    },
    onFindings: (policy, found) =>
      findings.set(
        policy,
        found.map(({ code }) => code),
      ),
    onProblem: (problem) => problems.push(problem),
  });
  const first = follower.synced.then((synced) => {
    cluster = synced;
  });
  if (awaitSynced) await first;
  else first.catch(() => undefined);
  return {
    client,
    follower,
    requests,
    watchedFrom: (plural) => opened.filter(({ path }) => path.endsWith(`/${plural}`)).map(({ from }) => from),
    problems,
    versions,
    findings,
    takeChanges() {
      const taken = changes.map((change) => `${change.kind} ${changeKey(change)}`);
      changes = [];
      return taken;
    },
    cluster: () => cluster!,
    resource: (plural) => follower.status().resources.find(({ resource }) => resource === plural)!,
    async close() {
      await follower.close();
      client.close();
    },
  };
}
