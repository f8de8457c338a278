import type { Rule } from "../apiserver/cluster-objects.ts";

/** A request as it was made: `list` of `/api/v1/pods`. A query is not looked at. */
export interface MadeRequest {
  /** RBAC's word: get, list, watch, create, ... */
  readonly verb: string;
  readonly path: string;
}

/**
 * The rights that these requests need, as `list pods` or `watch networkpolicies.networking.k8s.io`, sorted, each once.
 * Discovery (`/apis`, `/apis/GROUP`, `/version`, ...) needs none of its own: everybody who has logged in may do it.
 */
export function rightsUsed(requests: readonly MadeRequest[]): string[] {
  return sortedOnce(
    requests.flatMap(({ verb, path }) => {
      const resource = resourceOf(path);
      return resource === undefined ? [] : [`${verb} ${resource}`];
    }),
  );
}

/** The same rights as rules: one for each group and set of verbs. */
export function rulesUsed(requests: readonly MadeRequest[]): Rule[] {
  const verbs = new Map<string, string[]>();
  for (const right of rightsUsed(requests)) {
    const [verb, resource] = right.split(" ") as [string, string];
    verbs.set(resource, [...(verbs.get(resource) ?? []), verb]);
  }
  const rules = new Map<string, { apiGroups: string[]; resources: string[]; verbs: string[] }>();
  for (const [fullName, all] of verbs) {
    const dot = fullName.indexOf(".");
    const [resource, group] = dot < 0 ? [fullName, ""] : [fullName.slice(0, dot), fullName.slice(dot + 1)];
    const key = `${group} ${all.join()}`;
    const rule = rules.get(key) ?? { apiGroups: [group], resources: [], verbs: all };
    rule.resources.push(resource);
    rules.set(key, rule);
  }
  return [...rules.values()];
}

/** What rules give, in the words of {@link rightsUsed}. */
export function rightsOf(rules: readonly Rule[]): string[] {
  return sortedOnce(
    rules.flatMap(({ apiGroups, resources, verbs }) =>
      apiGroups.flatMap((group) =>
        resources.flatMap((resource) => verbs.map((verb) => `${verb} ${fullName(resource, group)}`)),
      ),
    ),
  );
}

/** The resource of a path, with its subresource and group: `pods/proxy`, `networkpolicies.networking.k8s.io`. */
function resourceOf(path: string): string | undefined {
  const parts = path.split("?")[0]!.split("/").slice(1);
  const isCore = parts[0] === "api";
  if (!isCore && parts[0] !== "apis") return undefined;
  const group = isCore ? "" : parts[1]!;
  const rest = parts.slice(isCore ? 2 : 3);
  // `namespaces/shop/pods` is of pods; `namespaces/shop` is of namespaces.
  const [resource, , subresource] = rest[0] === "namespaces" && rest.length > 2 ? rest.slice(2) : rest;
  if (resource === undefined || resource === "") return undefined;
  return fullName(subresource === undefined ? resource : `${resource}/${subresource}`, group);
}

function fullName(resource: string, group: string): string {
  return group === "" ? resource : `${resource}.${group}`;
}

function sortedOnce(texts: readonly string[]): string[] {
  return [...new Set(texts)].sort();
}
