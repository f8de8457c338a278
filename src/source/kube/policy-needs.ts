import { isMapping } from "../../k8s/check.ts";

/** The label that every namespace carries, with its own name: it is known without reading the namespace. */
const NAME_LABEL = "kubernetes.io/metadata.name";

/** What a policy must know of objects other than pods. */
export interface PolicyNeeds {
  /** True if it looks at labels of namespaces other than their name. */
  readonly namespaceLabels: boolean;
  /** True if it chooses nodes. */
  readonly nodes: boolean;
}

/**
 * What a policy of any kind needs, from its raw `spec`: NetworkPolicies choose namespaces by `namespaceSelector`, policies
 * of a cluster by `namespaces` too, and nodes by `nodes`.
 */
export function policyNeeds(spec: unknown): PolicyNeeds {
  const needs = { namespaceLabels: false, nodes: false };
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) for (const item of value) visit(item);
    if (!isMapping(value)) return;
    for (const [field, inner] of Object.entries(value)) {
      if (field === "nodes") needs.nodes = true;
      if ((field === "namespaceSelector" || field === "namespaces") && hasOtherKeys(inner)) {
        needs.namespaceLabels = true;
      }
      visit(inner);
    }
  };
  visit(spec);
  return needs;
}

function hasOtherKeys(selector: unknown): boolean {
  if (!isMapping(selector)) return false;
  const labels = isMapping(selector.matchLabels) ? Object.keys(selector.matchLabels) : [];
  const expressions = Array.isArray(selector.matchExpressions) ? selector.matchExpressions : [];
  const keys = expressions.map((each: unknown) => (isMapping(each) ? each.key : undefined));
  return [...labels, ...keys].some((key) => key !== NAME_LABEL);
}
