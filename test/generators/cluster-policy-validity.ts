import type { RawSelector } from "../reference/raw.ts";
import type {
  RawAdminNetworkPolicy,
  RawAdminPort,
  RawBaselineAdminNetworkPolicy,
  RawClusterNetworkPolicy,
  RawClusterPeer,
  RawClusterProtocol,
  RawDestinationPort,
  RawSubject,
} from "../reference/raw-cluster-policy.ts";
import { isNameless } from "./cluster-policy-peers.ts";
import { selectorProblems } from "./policy-validity.ts";
import { isCanonicalCidr, isPortName, isPortNumber, isProtocol } from "./syntax-validity.ts";

/** The most rules of a direction, peers or protocols of a rule, and so on. */
const MOST = 25;

/** The rules of one direction, in whichever API. */
interface Rules<Item> {
  rules: readonly { action: string; peers: readonly RawClusterPeer[]; items: readonly Item[] | undefined }[];
  actions: readonly string[];
  itemProblems: (item: Item) => string[];
  isNamed: (item: Item) => boolean;
}

/**
 * What the API server would refuse in a ClusterNetworkPolicy; [] when it would take it. Peers and protocols without a
 * field that we know are no problem: they are what a newer API server may serve.
 */
export function clusterPolicyProblems({ spec }: RawClusterNetworkPolicy): string[] {
  const { tier, priority, subject, ingress = [], egress = [] } = spec;
  const actions = ["Accept", "Deny", "Pass"];
  return [
    ...(tier === "Admin" || tier === "Baseline" ? [] : [`tier ${tier}`]),
    ...priorityProblems(priority),
    ...subjectProblems(subject),
    ...rulesProblems({
      rules: ingress.map(({ action, from, protocols }) => ({ action, peers: from, items: protocols })),
      actions,
      itemProblems: protocolProblems,
      isNamed: (item) => item.destinationNamedPort !== undefined,
    }),
    ...rulesProblems({
      rules: egress.map(({ action, to, protocols }) => ({ action, peers: to, items: protocols })),
      actions,
      itemProblems: protocolProblems,
      isNamed: (item) => item.destinationNamedPort !== undefined,
    }),
  ];
}

/** The same for the older API. */
export function adminPolicyProblems(policy: RawAdminNetworkPolicy | RawBaselineAdminNetworkPolicy): string[] {
  const { subject, ingress = [], egress = [] } = policy.spec;
  const isBaseline = policy.kind === "BaselineAdminNetworkPolicy";
  const actions = isBaseline ? ["Allow", "Deny"] : ["Allow", "Deny", "Pass"];
  return [
    ...(isBaseline ? [] : priorityProblems(policy.spec.priority)),
    ...(isBaseline && policy.metadata.name !== "default" ? [`name ${policy.metadata.name}`] : []),
    ...subjectProblems(subject),
    ...rulesProblems({
      rules: ingress.map(({ action, from, ports }) => ({ action, peers: from, items: ports })),
      actions,
      itemProblems: adminPortProblems,
      isNamed: (item) => item.namedPort !== undefined,
    }),
    ...rulesProblems({
      rules: egress.map(({ action, to, ports }) => ({ action, peers: to, items: ports })),
      actions,
      itemProblems: adminPortProblems,
      isNamed: (item) => item.namedPort !== undefined,
    }),
  ];
}

function priorityProblems(priority: number): string[] {
  return Number.isInteger(priority) && priority >= 0 && priority <= 1000 ? [] : [`priority ${priority}`];
}

function subjectProblems(subject: RawSubject): string[] {
  const { namespaces, pods } = subject;
  return (namespaces === undefined) === (pods === undefined)
    ? [`subject ${JSON.stringify(subject)}`]
    : [namespaces, pods?.namespaceSelector, pods?.podSelector]
        .filter((selector) => selector !== undefined)
        .flatMap(selectorProblems);
}

function rulesProblems<Item>({ rules, actions, itemProblems, isNamed }: Rules<Item>): string[] {
  return [
    ...(rules.length > MOST ? [`${rules.length} rules`] : []),
    ...rules.flatMap(({ action, peers, items }) => [
      ...(actions.includes(action) ? [] : [`action ${action}`]),
      ...(isCount(peers.length) ? [] : [`${peers.length} peers`]),
      ...(items === undefined || isCount(items.length) ? [] : [`${items.length} protocols or ports`]),
      ...(peers.some(isNameless) && items?.some(isNamed) ? ["a named port of what has no names"] : []),
      ...peers.flatMap((peer) => peerProblems(peer, action)),
      ...(items ?? []).flatMap(itemProblems),
    ]),
  ];
}

function isCount(length: number): boolean {
  return length >= 1 && length <= MOST;
}

function hasSeveralFields(object: object): boolean {
  return Object.keys(object).length > 1;
}

function peerProblems(peer: RawClusterPeer, action: string): string[] {
  const { namespaces, pods, nodes, networks, domainNames } = peer;
  const selectors: RawSelector[] = [namespaces, nodes, pods?.namespaceSelector, pods?.podSelector].filter(
    (selector) => selector !== undefined,
  );
  const areAccepted = action === "Accept" || action === "Allow";
  return [
    ...(hasSeveralFields(peer) ? [`peer ${JSON.stringify(peer)}`] : []),
    ...selectors.flatMap(selectorProblems),
    ...(networks === undefined || isCount(networks.length) ? [] : ["networks: []"]),
    ...(new Set(networks).size === (networks ?? []).length ? [] : ["a network twice"]),
    ...(networks ?? []).filter((cidr) => !isCanonicalCidr(cidr)).map((cidr) => `network ${cidr}`),
    ...(domainNames === undefined || (areAccepted && isCount(domainNames.length)) ? [] : ["domainNames"]),
    ...(domainNames ?? []).filter((name) => !isDomainName(name)),
  ];
}

/** `*.` may stand before a name, and nowhere else. */
function isDomainName(name: string): boolean {
  return /^(\*\.)?([a-z0-9]([-a-z0-9]*[a-z0-9])?\.)+[a-z0-9]([-a-z0-9]*[a-z0-9])?\.?$/.test(name);
}

function protocolProblems(item: RawClusterProtocol): string[] {
  const { tcp, udp, sctp, destinationNamedPort } = item;
  const destinationPort = (tcp ?? udp ?? sctp)?.destinationPort ?? {};
  const isFine =
    !hasSeveralFields(item) &&
    !hasSeveralFields(destinationPort) &&
    isDestinationPort(destinationPort) &&
    (destinationNamedPort === undefined || isPortName(destinationNamedPort));
  return isFine ? [] : [`protocol ${JSON.stringify(item)}`];
}

function isDestinationPort({ number, range }: RawDestinationPort): boolean {
  return (number === undefined || isPortNumber(number)) && (range === undefined || isRange(range));
}

function isRange({ start, end }: { start: number; end: number }): boolean {
  return isPortNumber(start) && isPortNumber(end) && start < end;
}

function adminPortProblems(item: RawAdminPort): string[] {
  const { portNumber, portRange, namedPort } = item;
  const isFine =
    !hasSeveralFields(item) &&
    isProtocol((portNumber ?? portRange)?.protocol) &&
    (portNumber === undefined || isPortNumber(portNumber.port)) &&
    (portRange === undefined || isRange(portRange)) &&
    (namedPort === undefined || isPortName(namedPort));
  return isFine ? [] : [`port ${JSON.stringify(item)}`];
}
