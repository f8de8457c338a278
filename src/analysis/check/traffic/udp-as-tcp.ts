import type { ClusterPod } from "../../../cluster/cluster.ts";
import { numericPorts } from "../../../engine/ports.ts";
import type { Finding } from "../../../k8s/finding.ts";
import type { TransportProtocol } from "../../../k8s/objects.ts";
import { NO_PORTS, type PortSet, portSetHas, unionPorts } from "../../../net/port-set.ts";
import { describePolicy } from "../../../policy/describe.ts";
import type { NumericPortMatch, Rule } from "../../../policy/policy.ts";
import { type Check, type CheckContext, type CheckedNetworkPolicy, findingOf } from "../check.ts";
import { writtenPorts } from "../network-policy-rules.ts";
import { countOf, workloadsOf } from "../words.ts";
import { declaredPorts, portKey } from "./declared-ports.ts";
import { allowsDnsByName, DNS_PORT, dnsOf, speaksOf } from "./dns.ts";
import { type EffectiveRule, effectiveRules } from "./effective-rules.ts";
import { destinations, podGroup, podsOfAll } from "./pod-groups.ts";

/** A port without a protocol is TCP, also where everybody speaks UDP. */
export const udpAsTcp: Check = {
  codes: ["udp-as-tcp"],
  *run(context) {
    const names = namespacesWithDns(context);
    const notTcp = portsNotTcp(context);
    for (const effective of effectiveRules(context)) {
      const { checked, rule } = effective;
      if (rule.ports === "all") continue;
      for (const [index, match] of rule.ports.entries()) {
        if (match.kind !== "numbers") continue;
        if (rule.direction === "egress" && speaksOf(match.ports, "TCP")) {
          if (lacksDns(context, effective, names)) yield dnsFinding(context, effective, match);
          continue;
        }
        const { port, protocol } = writtenPorts(checked, rule)[index]!;
        if (typeof port !== "number" || (protocol ?? "TCP") !== "TCP" || !notTcp.has(port)) continue;
        const declared = declaredOnlyAs(context, effective, port);
        if (declared !== undefined) yield finding(context, effective, match, port, declared);
      }
    }
  },
};

/** The numbers that some pod declares for another protocol than TCP: few, so that most rules need no second look. */
function portsNotTcp({ cluster }: CheckContext): ReadonlySet<number> {
  const numbers = new Set<number>();
  for (const { ports } of cluster.pods) {
    for (const { protocol, port } of ports) if (protocol !== "TCP") numbers.add(port);
  }
  return numbers;
}

/** The namespaces that have a policy with UDP 53. */
function namespacesWithDns({ networkPolicies }: CheckContext): ReadonlySet<string> {
  return new Set(
    networkPolicies
      .filter(({ policy }) => policy.rules.egress.some(allowsDnsByName))
      .map(({ source }) => source.namespace),
  );
}

/** True if the pods of the rule may ask for names over TCP, and not over UDP. */
function lacksDns(
  context: CheckContext,
  { checked, rule }: EffectiveRule,
  namespacesWithUdp: ReadonlySet<string>,
): boolean {
  if (allowsDnsByName(rule) || checked.policy.rules.egress.some(allowsDnsByName)) return false;
  const { classes } = podGroup(context, checked.policy.subject);
  if (classes.size === 0) {
    // Where pods are shown, a policy for none of them has another mistake.
    const { namespace } = checked.source;
    return !context.known.namespacesWithPods.has(namespace) && !namespacesWithUdp.has(namespace);
  }
  const dns = dnsOf(context);
  return [...classes.keys()].some((podClass) => !dns.mayAsk(podClass));
}

function dnsFinding(
  context: CheckContext,
  { checked, rule }: EffectiveRule,
  match: NumericPortMatch,
): Finding {
  const { policy } = checked;
  const dns = dnsOf(context);
  const { classes, pods } = podGroup(context, policy.subject);
  const lacking = [...classes.keys()].flatMap((podClass) => (dns.mayAsk(podClass) ? [] : [...podClass.pods]));
  const item = policy.origin.position(match.path);
  const list = policy.origin.position([...rule.path, "ports"]);
  const who =
    pods.length === 0
      ? "the pods of this policy"
      : `${workloadsOf(lacking)} (${countOf(lacking.length, "pod")})`;
  return findingOf("udp-as-tcp", {
    position: policy.origin.position([...match.path, "port"], "key"),
    object: describePolicy(policy),
    message:
      `${writtenWithout(checked, rule, match) ? "Without a protocol, port 53 is TCP" : "Port 53 is allowed for TCP"} ` +
      `alone, but names are asked for over UDP: ${who} cannot resolve names.`,
    help: "Add port 53 for UDP. TCP is for long answers only; keep it beside.",
    ...(item.line === 0 || list.line === 0
      ? {}
      : {
          fix: {
            title: "allow port 53 for UDP too",
            safe: false,
            edits: [{ kind: "add-item", at: list, value: { protocol: "UDP", port: DNS_PORT } }],
          },
        }),
  });
}

/** What the destinations declare of a port, if it is not TCP. */
interface OtherProtocol {
  readonly protocol: TransportProtocol;
  readonly pods: readonly ClusterPod[];
}

function declaredOnlyAs(
  context: CheckContext,
  { checked, rule }: EffectiveRule,
  port: number,
): OtherProtocol | undefined {
  const selections = destinations(rule, checked.policy.subject);
  const declared = selections.map((selection) => declaredPorts(podGroup(context, selection)).byNumber);
  if (declared.some((ports) => ports.has(portKey("TCP", port)))) return undefined;
  const allowed = portsOfDirection(checked, rule);
  for (const protocol of ["UDP", "SCTP"] as const) {
    if (!declared.some((ports) => ports.has(portKey(protocol, port)))) continue;
    if (portSetHas(allowed, { protocol, port })) continue;
    const pods = podsOfAll(context, selections).filter((pod) =>
      pod.ports.some((each) => each.protocol === protocol && each.port === port),
    );
    return { protocol, pods };
  }
  return undefined;
}

/** All that the rules of a policy allow in a direction, wherever to. */
function portsOfDirection({ policy }: CheckedNetworkPolicy, { direction }: Rule): PortSet {
  return policy.rules[direction].reduce((sum, rule) => unionPorts(sum, numericPorts(rule)), NO_PORTS);
}

function finding(
  _context: CheckContext,
  { checked, rule }: EffectiveRule,
  match: NumericPortMatch,
  port: number,
  { protocol, pods }: OtherProtocol,
): Finding {
  const { policy } = checked;
  const isUnwritten = writtenWithout(checked, rule, match);
  const at = policy.origin.position(match.path);
  return findingOf("udp-as-tcp", {
    // Containers need not declare all their ports, and TCP was asked for.
    ...(isUnwritten ? {} : { severity: "info" }),
    position: policy.origin.position([...match.path, "port"], "key"),
    object: describePolicy(policy),
    message:
      `${isUnwritten ? `Without a protocol, port ${port} is TCP` : `Port ${port} is allowed for TCP`}, but ` +
      `${workloadsOf(pods)} (${countOf(pods.length, "pod")}) declares it as ${protocol}: ` +
      `${rule.direction === "ingress" ? `no ${protocol} gets in there` : `no ${protocol} gets out to it`}.`,
    help: `Write protocol: ${protocol}${isUnwritten ? " beside the port" : " instead"}, or add an item with it if both are used.`,
    ...(!isUnwritten || at.line === 0
      ? {}
      : {
          fix: {
            title: `say that the port is ${protocol}`,
            safe: false,
            edits: [{ kind: "add-field", at, name: "protocol", value: protocol }],
          },
        }),
  });
}

/** True for an item that says no protocol. */
function writtenWithout(checked: CheckedNetworkPolicy, rule: Rule, match: NumericPortMatch): boolean {
  return writtenPorts(checked, rule)[Number(match.path.at(-1))]?.protocol === undefined;
}
