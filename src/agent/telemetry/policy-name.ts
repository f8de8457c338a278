/** The parts of a policy's id. */
export interface PolicyName {
  readonly kind: string;
  /** Undefined for a policy of the whole cluster. */
  readonly namespace?: string;
  readonly name: string;
}

/** The parts of an id as `policyId` makes it: `NetworkPolicy shop/db`, `ClusterNetworkPolicy guard`. */
export function parsePolicyId(id: string): PolicyName {
  const space = id.indexOf(" ");
  const kind = id.slice(0, space);
  const name = id.slice(space + 1);
  // No name of an object has a slash.
  const slash = name.indexOf("/");
  return slash < 0 ? { kind, name } : { kind, namespace: name.slice(0, slash), name: name.slice(slash + 1) };
}
