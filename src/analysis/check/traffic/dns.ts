import type { ClusterPod } from "../../../cluster/cluster.ts";
import type { PodClass } from "../../../engine/classes.ts";
import { portsOfClass } from "../../../engine/row.ts";
import type { LabelSelector } from "../../../k8s/objects.ts";
import { requirementsOf, selectorMatches } from "../../../k8s/selector.ts";
import { type Address, FAMILIES, parseAddress } from "../../../net/address.ts";
import { cidrContains } from "../../../net/cidr.ts";
import { isWholeProtocol, type PortSet, portSetHas } from "../../../net/port-set.ts";
import type { Policy, PortMatch, Rule } from "../../../policy/policy.ts";
import type { CheckContext } from "../check.ts";
import { NAME_LABEL } from "../meaning/known-namespaces.ts";
import { classOf } from "./pod-groups.ts";

/** The port that names are asked for at. */
export const DNS_PORT = 53;

/** The namespace and labels of the DNS pods, as nearly every cluster has them. */
export const DNS_NAMESPACE = "kube-system";
export const DNS_LABELS: Readonly<Record<string, string>> = { "k8s-app": "kube-dns" };

/** OpenShift has another one, where they listen on a port of their own, which is what policies see. */
const OPENSHIFT_DNS = { namespace: "openshift-dns", port: 5353 } as const;

/** Where a cache on the node answers, in clusters that have one. */
const NODE_LOCAL_DNS: Address = parseAddress("169.254.20.10")!;

/** Who may ask for names. */
export interface Dns {
  /** The pods that answer, as far as the input shows them. */
  readonly pods: readonly ClusterPod[];
  /** True if the egress of a pod lets it ask somebody who could be a DNS server, over UDP. */
  mayAsk(podClass: PodClass): boolean;
}

const known = new WeakMap<CheckContext, Dns>();

export function dnsOf(context: CheckContext): Dns {
  let dns = known.get(context);
  if (dns === undefined) {
    dns = createDns(context);
    known.set(context, dns);
  }
  return dns;
}

function createDns({ engine, cluster }: CheckContext): Dns {
  const pods = cluster.pods.filter((pod) => !pod.hostNetwork && answersNames(pod));
  /** The classes of the DNS pods, with the ports they answer at. */
  const servers = new Map<PodClass, readonly number[]>();
  for (const pod of pods) {
    const podClass = classOf(engine, pod);
    if (podClass !== undefined) servers.set(podClass, dnsPortsOf(pod));
  }
  const saysSo = remembered((policy) => egressRules(policy).some(allowsDnsByName));
  const mayReachUnseen = remembered((policy) => egressRules(policy).some(reachesUnseenDns));
  const mayReachNodeLocal = remembered((policy) => egressRules(policy).some(reachesNodeLocalDns));
  return {
    pods,
    mayAsk: (podClass) =>
      FAMILIES.some((family) => {
        const view = engine.view(family);
        if (podClass.areas[family] === undefined) return false;
        const policies = view.policiesOf(podClass);
        // Whoever writes the port thought of DNS: if it is at the wrong place, that is another mistake.
        if (policies.some(saysSo) || policies.some(mayReachNodeLocal)) return true;
        if (servers.size === 0) return policies.some(mayReachUnseen);
        const row = view.row("egress", podClass);
        for (const [server, ports] of servers) {
          const open = portsOfClass(row, server);
          if (ports.some((port) => portSetHas(open, { protocol: "UDP", port }))) return true;
        }
        return false;
      }),
  };
}

function remembered(judge: (policy: Policy) => boolean): (policy: Policy) => boolean {
  const answers = new Map<Policy, boolean>();
  return (policy) => {
    let answer = answers.get(policy);
    if (answer === undefined) {
      answer = judge(policy);
      answers.set(policy, answer);
    }
    return answer;
  };
}

function egressRules({ rules }: Policy): Rule[] {
  return rules.egress.filter(({ action }) => action === "Accept");
}

function answersNames({ namespace, labels, ports }: ClusterPod): boolean {
  if (ports.some(({ protocol, port }) => protocol === "UDP" && port === DNS_PORT)) return true;
  return (
    namespace === DNS_NAMESPACE && Object.entries(DNS_LABELS).every(([key, value]) => labels[key] === value)
  );
}

/** OpenShift's DNS pods listen on 5353, behind a Service with port 53. */
function dnsPortsOf({ ports }: ClusterPod): readonly number[] {
  const own = ports.filter(
    ({ protocol, port, name }) =>
      protocol === "UDP" && (port === DNS_PORT || name?.startsWith("dns") === true),
  );
  return own.length === 0 ? [DNS_PORT] : own.map(({ port }) => port);
}

/** True for a rule that speaks of UDP 53 (or OpenShift's 5353), or of a UDP port called something with dns. */
export function allowsDnsByName({ ports }: Rule): boolean {
  return ports !== "all" && ports.some(isDnsMatch);
}

function isDnsMatch(match: PortMatch): boolean {
  if (match.kind === "name") return match.protocol !== "TCP" && match.name.startsWith("dns");
  return (
    speaksOf(match.ports, "UDP") ||
    (!isWholeProtocol(match.ports.UDP) &&
      portSetHas(match.ports, { protocol: "UDP", port: OPENSHIFT_DNS.port }))
  );
}

/** True if port 53 is among ports that somebody chose: not if it is simply all of a protocol. */
export function speaksOf(ports: PortSet, protocol: "TCP" | "UDP"): boolean {
  return !isWholeProtocol(ports[protocol]) && portSetHas(ports, { protocol, port: DNS_PORT });
}

/** True for a rule by which DNS pods may be asked that the input does not show. */
function reachesUnseenDns(rule: Rule): boolean {
  if (!hasDnsPort(rule)) return false;
  if (rule.peers === "everyone") return true;
  return rule.peers.some((peer) => {
    if (peer.kind === "addresses") return peer.cidr.prefix === 0 && peer.except.length === 0;
    if (peer.kind !== "pods") return false;
    const { namespaces, pods } = peer.selection;
    if (namespaces.kind === "name") {
      return namespaces.name === DNS_NAMESPACE && selectorMatches(pods, DNS_LABELS);
    }
    const isIn = (name: string): boolean => selectorMatches(namespaces.selector, { [NAME_LABEL]: name });
    if (isIn(OPENSHIFT_DNS.namespace)) return true;
    return (isIn(DNS_NAMESPACE) || isCalledSystem(namespaces.selector)) && selectorMatches(pods, DNS_LABELS);
  });
}

/** True for labels of a namespace like `name: kube-system`: somebody may have given them to that of the DNS pods. */
function isCalledSystem(selector: LabelSelector): boolean {
  return requirementsOf(selector).every(
    ({ key, operator, values = [] }) =>
      key !== NAME_LABEL && operator === "In" && values.some((value) => /system|dns/i.test(value)),
  );
}

/** True for a rule by which the cache on the node may be asked. */
function reachesNodeLocalDns(rule: Rule): boolean {
  return (
    hasDnsPort(rule) &&
    rule.peers !== "everyone" &&
    rule.peers.some(
      (peer) =>
        peer.kind === "addresses" &&
        cidrContains(peer.cidr, NODE_LOCAL_DNS) &&
        // Who writes all addresses has not thought of the cache.
        peer.cidr.prefix > 0 &&
        !peer.except.some((each) => cidrContains(each, NODE_LOCAL_DNS)),
    )
  );
}

function hasDnsPort({ ports }: Rule): boolean {
  return (
    ports === "all" ||
    ports.some(
      (match) => match.kind === "numbers" && portSetHas(match.ports, { protocol: "UDP", port: DNS_PORT }),
    )
  );
}
