import type { Cluster } from "../cluster/cluster.ts";
import { applyDelta, type Kernel } from "../dataplane/kernel/kernel.ts";
import { replacementDelta } from "../dataplane/program/delta.ts";
import { WAITING_PROGRAM } from "../dataplane/program/waiting-program.ts";
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
 * before the machine was started the node's pods do not count, since others may have their addresses by now.
 */
export async function beginningOf(
  kernel: Pick<Kernel, "read">,
  state: AgentState | undefined,
  boot: string,
): Promise<Beginning> {
  const isSameBoot = state?.boot === boot;
  const known = state === undefined || isSameBoot ? state?.cluster : withoutPodsOf(state.cluster, state.node);
  if ((await kernel.read()).chains.size > 0) return { kind: "held", known };
  return known === undefined ? { kind: "unknown" } : { kind: "restorable", known };
}

/** Forwards nothing new. */
export function closeNode(kernel: Pick<Kernel, "apply">): Promise<void> {
  return applyDelta(kernel, replacementDelta(WAITING_PROGRAM));
}
