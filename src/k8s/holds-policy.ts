import { isMapping } from "./check.ts";
import { clusterPolicyHead } from "./cluster-policy-head.ts";
import { KNOWN_KINDS } from "./kinds.ts";
import { policyHead } from "./policy-head.ts";

/** True if a value is a policy or was surely meant to be one, or is a list with one in it. */
export function holdsPolicy(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(holdsPolicy);
  if (!isMapping(value)) return false;
  const { kind } = value;
  if (typeof kind === "string") {
    // By far the most objects, which need not be compared with what policies could be misspelt as.
    if (KNOWN_KINDS.has(kind) && !kind.endsWith("NetworkPolicy")) return false;
    if (kind.endsWith("List")) return kind.includes("NetworkPolicy") || holdsPolicyItem(value.items);
  }
  return policyHead(value).isPolicy || clusterPolicyHead(value) !== undefined;
}

/** `items` may be one object without its dash, which is read all the same. */
function holdsPolicyItem(items: unknown): boolean {
  return Array.isArray(items) ? items.some(holdsPolicy) : holdsPolicy(items);
}
