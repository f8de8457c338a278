import type { Cluster } from "../cluster/cluster.ts";
import type { EnforcementConfig } from "../dataplane/config.ts";
import { applyDelta, type Kernel } from "../dataplane/kernel/kernel.ts";
import { replacementDelta } from "../dataplane/program/delta.ts";
import { WAITING_PROGRAM } from "../dataplane/program/waiting-program.ts";
import type { Address } from "../net/address.ts";
import { cidrContains } from "../net/cidr.ts";
import type { AgentState } from "./state/state-text.ts";
import { withoutPodsOf } from "./state/state-text.ts";

/** What becomes of new connections of a node's pods while nobody knows what they may do. */
export type BeforeSync = "closed" | "open";

/** What holds until the API server has been read. */
export type Beginning =
  /**
   * Rules of an earlier process are in force, and stay as they are: they may be newer than the state. `known` is for names
   * only.
   */
  | { readonly kind: "held"; readonly known: Cluster | undefined }
  /** There are no rules, but there is a state: it is to be loaded. */
  | { readonly kind: "restorable"; readonly known: Cluster }
  /** There is neither: nothing new is forwarded, or everything is, as the user wants it. */
  | { readonly kind: "unknown" };

/**
 * Decides how to begin. Nothing is ever opened by it: the kernel's own rules go before a state, and of a state from
 * before the machine was started the node's pods do not count, since others may have their addresses by now. Where
 * addresses without a known pod are not closed, such a state is no reason to let anything pass.
 */
export async function beginningOf(
  kernel: Pick<Kernel, "read">,
  state: AgentState | undefined,
  boot: string,
  { closedAtBirth }: Pick<EnforcementConfig, "closedAtBirth">,
): Promise<Beginning> {
  const hasRules = (await kernel.read()).chains.size > 0;
  if (state === undefined) return hasRules ? { kind: "held", known: undefined } : { kind: "unknown" };
  const { cluster, node } = state;
  const isSameBoot = state.boot === boot;
  const known = isSameBoot ? cluster : withoutPodsOf(cluster, node);
  if (hasRules) return { kind: "held", known };
  const closesOthers = closedAtBirth && hasAllPodsInRanges(cluster, node);
  return isSameBoot || closesOthers ? { kind: "restorable", known } : { kind: "unknown" };
}

/** True if the ranges of a node are known, and its pods had all their addresses in them. */
function hasAllPodsInRanges({ nodes, pods }: Cluster, node: string): boolean {
  const ranges = nodes.get(node)?.podRanges ?? [];
  const isInRange = (address: Address): boolean => ranges.some((range) => cidrContains(range, address));
  return (
    ranges.length > 0 &&
    pods
      .filter((pod) => pod.node === node && !pod.hostNetwork)
      .every(({ addresses }) => Object.values(addresses).every(isInRange))
  );
}

/** Forwards nothing new. */
export function closeNode(kernel: Pick<Kernel, "apply">): Promise<void> {
  return applyDelta(kernel, replacementDelta(WAITING_PROGRAM));
}
