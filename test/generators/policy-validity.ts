import { parseCidr } from "../reference/ip.ts";
import type { RawIpBlock, RawNetworkPolicy, RawPeer, RawPort, RawSelector } from "../reference/raw.ts";
import { isStrictlyInside } from "./addresses.ts";
import {
  isCanonicalCidr,
  isLabelKey,
  isLabelValue,
  isPortName,
  isPortNumber,
  isProtocol,
  labelProblems,
} from "./syntax-validity.ts";

/** What the API server would refuse in the spec of a NetworkPolicy; [] when it would take it. */
export function policyProblems(policy: RawNetworkPolicy): string[] {
  const { podSelector, policyTypes, ingress, egress } = policy.spec ?? {};
  const types = policyTypes ?? [];
  const typesAreFine = types.length <= 2 && types.every((type) => type === "Ingress" || type === "Egress");
  const peers = [
    ...(ingress ?? []).flatMap((rule) => rule.from ?? []),
    ...(egress ?? []).flatMap((rule) => rule.to ?? []),
  ];
  const ports = [...(ingress ?? []), ...(egress ?? [])].flatMap((rule) => rule.ports ?? []);
  return [
    ...(podSelector === undefined ? ["no podSelector"] : selectorProblems(podSelector)),
    ...(typesAreFine ? [] : ["policyTypes"]),
    ...peers.flatMap(peerProblems),
    ...ports.flatMap(portProblems),
  ];
}

function peerProblems(peer: RawPeer): string[] {
  const { ipBlock, namespaceSelector, podSelector } = peer;
  const selectors = [namespaceSelector, podSelector].filter((selector) => selector !== undefined);
  const isOneKind = (ipBlock === undefined) === selectors.length > 0;
  return [
    ...(isOneKind ? [] : [`peer ${JSON.stringify(peer)}`]),
    ...selectors.flatMap(selectorProblems),
    ...(ipBlock === undefined ? [] : ipBlockProblems(ipBlock)),
  ];
}

function ipBlockProblems({ cidr, except = [] }: RawIpBlock): string[] {
  if (cidr === undefined || !isCanonicalCidr(cidr)) {
    return [`cidr ${cidr}`];
  }
  return except
    .filter((text) => !isCanonicalCidr(text) || !isStrictlyInside(parseCidr(text), parseCidr(cidr)))
    .map((text) => `except ${text} of ${cidr}`);
}

function portProblems(item: RawPort): string[] {
  const { port, endPort, protocol } = item;
  const portIsFine = port === undefined || (typeof port === "string" ? isPortName(port) : isPortNumber(port));
  const endPortIsFine =
    endPort === undefined || (isPortNumber(endPort) && typeof port === "number" && port <= endPort);
  return portIsFine && endPortIsFine && isProtocol(protocol) ? [] : [`port ${JSON.stringify(item)}`];
}

/** What the API server would refuse in a label selector. */
export function selectorProblems({ matchLabels = {}, matchExpressions = [] }: RawSelector): string[] {
  const wrong = matchExpressions.filter(({ key, operator, values = [] }) => {
    const wantsValues = operator === "In" || operator === "NotIn";
    const isKnown = wantsValues || operator === "Exists" || operator === "DoesNotExist";
    return (
      !isKnown || !isLabelKey(key ?? "") || !values.every(isLabelValue) || wantsValues !== values.length > 0
    );
  });
  return [...labelProblems(matchLabels), ...wrong.map((requirement) => JSON.stringify(requirement))];
}
