import type { ClusterPod } from "../../../cluster/cluster.ts";
import type { PodClass } from "../../../engine/classes.ts";
import { portsOfClass } from "../../../engine/row.ts";
import { meetsRequirement, requirementsOf } from "../../../k8s/selector.ts";
import { FAMILIES } from "../../../net/address.ts";
import { ALL_PORTS, isWholeProtocol, type PortSet, portSetHas } from "../../../net/port-set.ts";
import type { Policy, PortMatch, Rule } from "../../../policy/policy.ts";
import type { CheckContext } from "../check.ts";
import { classOf } from "./pod-groups.ts";

/** The port that names are asked for at. */
export const DNS_PORT = 53;

/** The namespace and labels of the DNS pods, as nearly every cluster has them. */
export const DNS_NAMESPACE = "kube-system";
export const DNS_LABELS: Readonly<Record<string, string>> = { "k8s-app": "kube-dns" };

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
  return {
    pods,
    mayAsk: (podClass) =>
      FAMILIES.some((family) => {
        const view = engine.view(family);
        if (podClass.areas[family] === undefined) return false;
        const policies = view.policiesOf(podClass);
        // Whoever writes the port thought of DNS: if it is at the wrong place, that is another mistake.
        if (policies.some(saysSo)) return true;
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

/** True for a rule that speaks of UDP 53, or of a UDP port called something with dns. */
export function allowsDnsByName({ ports }: Rule): boolean {
  return ports !== "all" && ports.some(isDnsMatch);
}

function isDnsMatch(match: PortMatch): boolean {
  if (match.kind === "name") return match.protocol !== "TCP" && match.name.startsWith("dns");
  return speaksOf(match.ports, "UDP");
}

/** True if port 53 is among ports that somebody chose: not if it is simply all of a protocol. */
export function speaksOf(ports: PortSet, protocol: "TCP" | "UDP"): boolean {
  return !isWholeProtocol(ports[protocol]) && portSetHas(ports, { protocol, port: DNS_PORT });
}

/** True for a rule by which DNS pods may be asked that the input does not show. */
function reachesUnseenDns(rule: Rule): boolean {
  const ports =
    rule.ports === "all"
      ? [ALL_PORTS]
      : rule.ports.flatMap((match) => (match.kind === "numbers" ? [match.ports] : []));
  if (!ports.some((set) => portSetHas(set, { protocol: "UDP", port: DNS_PORT }))) return false;
  if (rule.peers === "everyone") return true;
  return rule.peers.some((peer) => {
    if (peer.kind === "addresses") return peer.cidr.prefix === 0 && peer.except.length === 0;
    if (peer.kind !== "pods") return false;
    const { namespaces, pods } = peer.selection;
    const namespaceLabels = { "kubernetes.io/metadata.name": DNS_NAMESPACE };
    const isThere =
      namespaces.kind === "name"
        ? namespaces.name === DNS_NAMESPACE
        : requirementsOf(namespaces.selector).every((each) => meetsRequirement(each, namespaceLabels));
    return isThere && requirementsOf(pods).every((each) => meetsRequirement(each, DNS_LABELS));
  });
}
