import type { Policy } from "../policy/policy.ts";

/** Policies by where the pods are that they can be about, so that one pod is compared with few of them. */
export interface PoliciesByNamespace {
  /** Those that can be about pods of a namespace, in the order of judgement: many are about another one by its name. */
  of(namespace: string): readonly Policy[];
}

/** `policies` in the order of judgement. */
export function policiesByNamespace(policies: readonly Policy[]): PoliciesByNamespace {
  const byName = new Map<string, { readonly policy: Policy; readonly place: number }[]>();
  const anywhere: { readonly policy: Policy; readonly place: number }[] = [];
  for (const [place, policy] of policies.entries()) {
    const { namespaces } = policy.subject;
    if (namespaces.kind !== "name") {
      anywhere.push({ policy, place });
      continue;
    }
    const inNamespace = byName.get(namespaces.name);
    if (inNamespace === undefined) byName.set(namespaces.name, [{ policy, place }]);
    else inNamespace.push({ policy, place });
  }
  return {
    of: (namespace) =>
      [...anywhere, ...(byName.get(namespace) ?? [])]
        .sort((a, b) => a.place - b.place)
        .map(({ policy }) => policy),
  };
}
