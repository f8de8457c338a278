import type { ClusterChange } from "../../../cluster/change.ts";
import type { PolicyVersionChange } from "../policy-version.ts";

/** What has changed in a cluster, on its way to who is told of it; in order, whichever resource it came from. */
export interface ChangeQueue {
  /** To be told at once, after what is waiting. */
  tell(changes: readonly ClusterChange[], versions: readonly PolicyVersionChange[]): void;
  /** May wait until `flush`, or until something else is told. */
  add(changes: readonly ClusterChange[], versions: readonly PolicyVersionChange[]): void;
  flush(): void;
}

/** What comes while `isWanted` is false is dropped, not gathered. */
export function createChangeQueue(
  isWanted: () => boolean,
  onChanges: (changes: readonly ClusterChange[], versions: readonly PolicyVersionChange[]) => void,
): ChangeQueue {
  let waitingChanges: ClusterChange[] = [];
  let waitingVersions: PolicyVersionChange[] = [];

  const add: ChangeQueue["add"] = (changes, versions) => {
    if (!isWanted()) return;
    for (const change of changes) waitingChanges.push(change);
    for (const version of versions) waitingVersions.push(version);
  };
  const flush = (): void => {
    if (waitingChanges.length === 0 && waitingVersions.length === 0) return;
    const changes = waitingChanges;
    const versions = waitingVersions;
    waitingChanges = [];
    waitingVersions = [];
    onChanges(changes, versions);
  };
  return {
    add,
    flush,
    tell(changes, versions) {
      add(changes, versions);
      flush();
    },
  };
}
