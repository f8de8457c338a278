import type { AgentStatus, PolicyStatus, PolicyVersion } from "../agent-status.ts";
import type { AgentFailure } from "./agent-failure.ts";
import { isAtLeast } from "./policy-target.ts";

/**
 * How far a node is with a version of a policy. Until it has seen that version, nobody knows whether it has something to
 * do for it.
 *
 * - `enforced`: in force for pods of this node, as written.
 * - `nothing-to-do`: it knows that version, and the policy selects no pod of this node.
 * - `behind`: it enforces an older version, or nothing of it yet.
 * - `troubled`: it enforces that version, but not as it is written.
 * - `not-ready`: the agent answers, and says that its kernel is not as it should be.
 * - `no-answer`: nobody knows.
 * - `gone`, `still-enforced`: of a policy that is to go.
 */
export type PolicyNodeState =
  | "enforced"
  | "nothing-to-do"
  | "behind"
  | "troubled"
  | "not-ready"
  | "no-answer"
  | "gone"
  | "still-enforced";

export interface PolicyOnNode {
  readonly node: string;
  readonly state: PolicyNodeState;
  /** What the agent says of the policy. */
  readonly policy?: PolicyStatus;
  /** Why it is not as it should be. */
  readonly messages: readonly string[];
  readonly failure?: AgentFailure;
}

/** States in which nothing is to be waited for. */
const DONE: ReadonlySet<PolicyNodeState> = new Set(["enforced", "nothing-to-do", "gone"]);
/** States of nodes that may be left out, where somebody asks for it. */
const UNREADY: ReadonlySet<PolicyNodeState> = new Set(["not-ready", "no-answer"]);

export function isDone({ state }: PolicyOnNode): boolean {
  return DONE.has(state);
}

export function isUnready({ state }: PolicyOnNode): boolean {
  return UNREADY.has(state);
}

/** What is wanted of all nodes: that they enforce a version, or, of a policy that is gone, nothing of it. */
export type Wanted =
  | { readonly kind: "enforced"; readonly version: PolicyVersion }
  /** The object that is to go; any of that name if undefined. */
  | { readonly kind: "gone"; readonly uid: string | undefined };

/** Judges a node by the answers of its agent. */
export function policyOnNode(
  node: string,
  wanted: Wanted,
  policy: PolicyStatus | undefined,
  status: AgentStatus,
): PolicyOnNode {
  const of = (state: PolicyNodeState, messages: readonly string[] = []): PolicyOnNode => ({
    node,
    state,
    messages,
    ...(policy === undefined ? {} : { policy }),
  });
  const troubles = policy?.troubles ?? [];
  if (!status.ready) {
    const blocking = status.troubles.filter(({ blocksReady }) => blocksReady).map(({ message }) => message);
    return of("not-ready", blocking.length === 0 ? [`its agent is not ready (${status.phase})`] : blocking);
  }
  const enforced = policy?.enforced;
  if (wanted.kind === "gone") {
    const isGone = enforced === undefined || (wanted.uid !== undefined && enforced.uid !== wanted.uid);
    return isGone ? of("gone") : of("still-enforced", troubles);
  }
  const seen = policy?.seen;
  if (seen === undefined || !isAtLeast(seen, wanted.version)) return of("behind", troubles);
  // Also where it selects no pod any more: what it did for those it selected before may still be in force.
  if (enforced === undefined || !isAtLeast(enforced, wanted.version)) return of("behind", troubles);
  if (policy?.localPods === 0) return of("nothing-to-do");
  return troubles.length === 0 ? of("enforced") : of("troubled", troubles);
}
