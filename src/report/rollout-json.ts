import type { PolicyVersion } from "../agent/agent-status.ts";
import { isDone, type PolicyOnNode } from "../agent/proxied/policy-on-node.ts";
import type { Rollout } from "../agent/proxied/rollout.ts";

/** `schemas/podwall.rollout.v1.schema.json`: what `podwall status KIND/NAME -o json` prints. */
export interface RolloutJson {
  readonly schema: "podwall.rollout/v1";
  /** True if every policy is complete. */
  readonly complete: boolean;
  readonly policies: readonly PolicyRolloutJson[];
  /** Set if nodes may not be listed: those without an agent are not told of. */
  readonly nodesUnknown?: string;
}

export interface PolicyRolloutJson {
  readonly policy: string;
  /** True if the API server has it. */
  readonly exists: boolean;
  /** What is to be enforced; absent of a policy that is to go. */
  readonly version?: PolicyVersion;
  /** True if every node that matters is done. */
  readonly complete: boolean;
  readonly nodes: readonly (PolicyOnNode & { readonly done: boolean })[];
}

export function rolloutJson(rollouts: readonly Rollout[], nodesUnknown: string | undefined): RolloutJson {
  return {
    schema: "podwall.rollout/v1",
    complete: rollouts.every(({ complete }) => complete),
    policies: rollouts.map(({ policy, exists, wanted, complete, nodes }) => ({
      policy,
      exists,
      ...(wanted.kind === "enforced" ? { version: wanted.version } : {}),
      complete,
      nodes: nodes.map((node) => ({ ...node, done: isDone(node) })),
    })),
    ...(nodesUnknown === undefined ? {} : { nodesUnknown }),
  };
}
