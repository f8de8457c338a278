import type { ClusterPod } from "../../../cluster/cluster.ts";
import type { PodClass } from "../../../engine/classes.ts";
import type { Finding, Severity } from "../../../k8s/finding.ts";
import { FAMILIES } from "../../../net/address.ts";
import { describePolicy } from "../../../policy/describe.ts";
import type { Policy, Rule } from "../../../policy/policy.ts";
import { type Check, type CheckContext, findingOf } from "../check.ts";
import { groupsOf, otherPlaces } from "../groups.ts";
import { countOf, workloadsOf } from "../words.ts";
import { allowsDnsByName, dnsOf, speaksOf } from "./dns.ts";
import { dnsFix } from "./dns-fix.ts";

/** Pods that may connect to something that they know by name, and may ask nobody for it. */
export const egressWithoutDns: Check = {
  codes: ["egress-without-dns"],
  *run(context) {
    const cases = [...nameless(context)];
    for (const same of groupsOf(cases, ({ namespace, severity }) => `${namespace} ${severity}`)) {
      yield finding(context, same);
    }
  },
};

/** Pods of a class that cannot resolve names. */
interface Nameless {
  readonly namespace: string;
  readonly pods: readonly ClusterPod[];
  /** The policy that isolates them and lets them connect to others. */
  readonly policy: Policy;
  readonly severity: Severity;
}

function* nameless(context: CheckContext): Iterable<Nameless> {
  const dns = dnsOf(context);
  const servers = new Set(dns.pods);
  const classes = new Set<PodClass>();
  for (const family of FAMILIES) for (const each of context.engine.view(family).classes()) classes.add(each);
  for (const podClass of classes) {
    const isolating = isolatingEgress(context, podClass);
    const rules = isolating.flatMap((policy) => policy.rules.egress);
    // Who may connect to nothing needs no names; where TCP 53 alone is allowed, that is what is wrong.
    if (rules.length === 0 || rules.some(isDnsOverTcp) || dns.mayAsk(podClass)) continue;
    const pods = [...podClass.pods].filter((pod) => !servers.has(pod));
    if (pods.length === 0) continue;
    const policy = isolating.find(({ rules }) => rules.egress.some(reachesPods));
    yield {
      namespace: pods[0]!.namespace,
      pods,
      policy: policy ?? isolating.find(({ rules }) => rules.egress.length > 0)!,
      // Addresses need no names.
      severity: policy === undefined ? "info" : "warning",
    };
  }
}

function isolatingEgress({ engine }: CheckContext, podClass: PodClass): readonly Policy[] {
  const family = FAMILIES.find((each) => podClass.areas[each] !== undefined);
  if (family === undefined) return [];
  return engine
    .view(family)
    .policiesOf(podClass)
    .filter(({ isolates, broken }) => isolates.egress && !broken);
}

function isDnsOverTcp(rule: Rule): boolean {
  return (
    !allowsDnsByName(rule) &&
    rule.ports !== "all" &&
    rule.ports.some((match) => match.kind === "numbers" && speaksOf(match.ports, "TCP"))
  );
}

function reachesPods({ peers }: Rule): boolean {
  return peers === "everyone" || peers.some(({ kind }) => kind === "pods");
}

function finding(context: CheckContext, cases: readonly [Nameless, ...Nameless[]]): Finding {
  const [{ namespace, severity }] = cases;
  const policies = [...new Set(cases.map(({ policy }) => policy))];
  const [policy, ...others] = policies as [Policy, ...Policy[]];
  const pods = cases.flatMap((each) => each.pods);
  const place = (each: Policy) => each.origin.position(["spec", "egress"], "key");
  const related = otherPlaces(others, (each) => ({
    position: place(each),
    object: describePolicy(each),
    message: `${describePolicy(each)} without DNS`,
  }));
  const fix = dnsFix(context, namespace, policies);
  return findingOf("egress-without-dns", {
    severity,
    position: place(policy),
    object: describePolicy(policy),
    message:
      `${workloadsOf(pods)} (${countOf(pods.length, "pod")}) may connect to ` +
      (severity === "info"
        ? "some addresses, but not to a DNS server: names do not resolve, so it must know the addresses."
        : "others, but not to a DNS server: names do not resolve, so nothing is reached by its name."),
    help: `Allow UDP and TCP 53 to the DNS pods (pods k8s-app=kube-dns of namespace kube-system).`,
    ...(related === undefined ? {} : { related }),
    ...(fix === undefined ? {} : { fix }),
  });
}
