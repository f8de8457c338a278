import type { Direction } from "../../k8s/objects.ts";
import { FAMILIES } from "../../net/address.ts";
import type { DiffPeers, WorkloadPeer } from "./diff-peers.ts";
import type { Cause } from "./net-change.ts";
import type { WorkloadSide } from "./workload-side.ts";

/** A workload that NetworkPolicies isolate for a direction now and did not before, or the other way round. */
export interface IsolationChange {
  readonly peer: WorkloadPeer;
  readonly direction: Direction;
  /** `open` too, where not all of its pods are isolated. */
  readonly now: "isolated" | "open";
  readonly cause: Cause;
}

/** The changes of isolation of workloads that are there before and after. */
export function isolationChanges({ workloads }: DiffPeers): IsolationChange[] {
  return workloads.flatMap((peer) => {
    const { before, between, after } = peer.sides;
    if (before === undefined || after === undefined || before === after) return [];
    return (["ingress", "egress"] as const).flatMap((direction): IsolationChange[] => {
      const was = isIsolated(before, direction);
      const is = isIsolated(after, direction);
      if (was === is) return [];
      const cause = between !== undefined && isIsolated(between, direction) === is ? "policy" : "pods";
      return [{ peer, direction, now: is ? "isolated" : "open", cause }];
    });
  });
}

/** True if a NetworkPolicy isolates every one of its pods. No row has to be made to tell. */
function isIsolated({ families, hosts }: WorkloadSide, direction: Direction): boolean {
  if (hosts.length > 0) return false;
  const classes = new Set(FAMILIES.flatMap((family) => families[family].classes));
  const { view } = families[4];
  return (
    classes.size > 0 &&
    [...classes].every((each) => view.policiesOf(each).some(({ isolates }) => isolates[direction]))
  );
}
