import type { RawClusterNetworkPolicy, RawClusterProtocol } from "../../reference/raw-cluster-policy.ts";

/**
 * The policy without what the installed definition does not know: it is that of the standard channel, and our reader
 * knows the experimental fields too, and fails closed at newer ones.
 */
export function asInstalled({ spec, ...policy }: RawClusterNetworkPolicy): RawClusterNetworkPolicy {
  return {
    ...policy,
    spec: {
      ...spec,
      ...(spec.ingress && {
        ingress: spec.ingress.flatMap(({ from, ...rule }) => {
          const peers = from.filter((peer) => hasOnly(peer, ["namespaces", "pods"]));
          return peers.length === 0 ? [] : [{ ...withKnownProtocols(rule), from: peers }];
        }),
      }),
      ...(spec.egress && {
        egress: spec.egress.flatMap(({ to, ...rule }) => {
          const peers = to.filter((peer) => hasOnly(peer, ["namespaces", "pods", "networks"]));
          return peers.length === 0 ? [] : [{ ...withKnownProtocols(rule), to: peers }];
        }),
      }),
    },
  };
}

function hasOnly(object: object, fields: readonly string[]): boolean {
  const keys = Object.keys(object);
  return keys.length > 0 && keys.every((key) => fields.includes(key));
}

function withKnownProtocols<Rule extends { protocols?: RawClusterProtocol[] }>({
  protocols,
  ...rule
}: Rule): Omit<Rule, "protocols"> & { protocols?: RawClusterProtocol[] } {
  const known = protocols?.filter((protocol) => {
    if (hasOnly(protocol, ["destinationNamedPort"])) return true;
    if (!hasOnly(protocol, ["tcp", "udp", "sctp"])) return false;
    const [ports] = Object.values(protocol) as object[];
    return (
      hasOnly(ports!, ["destinationPort"]) && hasOnly(Object.values(ports!)[0] as object, ["number", "range"])
    );
  });
  return known === undefined || known.length === 0 ? rule : { ...rule, protocols: known };
}
