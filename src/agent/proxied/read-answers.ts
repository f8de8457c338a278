// The answers of agents, which may be of another version than this program: what is used of them is looked at first.
import { isMapping } from "../../k8s/check.ts";
import type { AgentStatus, PolicyStatus, PolicyVersion } from "../agent-status.ts";

type Mapping = Readonly<Record<string, unknown>>;

/** The answer to `GET /v1/status`; undefined if it is something else. */
export function readAgentStatus(value: unknown): AgentStatus | undefined {
  if (!isMapping(value)) return undefined;
  const { node, phase, ready, troubles, enforcement, verification, counts } = value;
  const fits =
    typeof node === "string" &&
    typeof phase === "string" &&
    typeof ready === "boolean" &&
    areAll(troubles, (each) => typeof each.message === "string") &&
    hasNumbers(enforcement, "seenGeneration", "programmedGeneration", "lagMillis") &&
    hasNumbers(verification, "differences", "repairs") &&
    hasNumbers(counts, "localPods", "isolatedPods", "networkPolicies", "clusterPolicies");
  return fits ? (value as unknown as AgentStatus) : undefined;
}

/** The items of the answer to `GET /v1/policies`; undefined if it is something else. */
export function readPolicyStatuses(value: unknown): readonly PolicyStatus[] | undefined {
  const items = isMapping(value) ? value.policies : undefined;
  const fits = areAll(
    items,
    ({ policy, enforced, seen, localPods, troubles }) =>
      typeof policy === "string" &&
      typeof localPods === "number" &&
      Array.isArray(troubles) &&
      troubles.every((each) => typeof each === "string") &&
      [enforced, seen].every((version) => version === undefined || isPolicyVersion(version)),
  );
  return fits ? (items as unknown as readonly PolicyStatus[]) : undefined;
}

function isPolicyVersion(value: unknown): value is PolicyVersion {
  return isMapping(value) && typeof value.uid === "string" && typeof value.resourceVersion === "string";
}

function areAll(value: unknown, fits: (item: Mapping) => boolean): value is readonly Mapping[] {
  return Array.isArray(value) && value.every((item) => isMapping(item) && fits(item));
}

function hasNumbers(value: unknown, ...names: readonly string[]): boolean {
  return isMapping(value) && names.every((name) => typeof value[name] === "number");
}
