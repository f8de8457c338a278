import type { AgentStatus, PolicyStatus } from "../../agent-status.ts";

/** `schemas/podwall.status.v1.schema.json`: the answer to `GET /v1/status`. */
export interface StatusDocument extends AgentStatus {
  readonly schema: "podwall.status/v1";
}

/** `schemas/podwall.policies.v1.schema.json`: the answer to `GET /v1/policies`. */
export interface PoliciesDocument {
  readonly schema: "podwall.policies/v1";
  readonly node: string;
  /** Those that were asked for, of what the node knows. */
  readonly policies: readonly PolicyStatus[];
}

export function statusDocument(status: AgentStatus): StatusDocument {
  return { schema: "podwall.status/v1", ...status };
}

/** `only`: the id of the one policy that was asked for. */
export function policiesDocument(
  node: string,
  policies: readonly PolicyStatus[],
  only?: string,
): PoliciesDocument {
  const asked = only === undefined ? policies : policies.filter(({ policy }) => policy === only);
  return { schema: "podwall.policies/v1", node, policies: asked };
}
