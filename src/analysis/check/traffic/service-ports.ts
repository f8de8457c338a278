import type { ClusterPod } from "../../../cluster/cluster.ts";
import { rulePorts } from "../../../engine/ports.ts";
import type { Finding } from "../../../k8s/finding.ts";
import type { TransportProtocol } from "../../../k8s/objects.ts";
import type { Service } from "../../../k8s/published-objects.ts";
import { portSetHas } from "../../../net/port-set.ts";
import { describePolicy } from "../../../policy/describe.ts";
import type { NumericPortMatch } from "../../../policy/policy.ts";
import { type Check, type CheckContext, findingOf } from "../check.ts";
import { writtenPorts } from "../network-policy-rules.ts";
import { listOf, workloadsOf } from "../words.ts";
import { declaredPorts, portKey } from "./declared-ports.ts";
import { type EffectiveRule, effectiveRules } from "./effective-rules.ts";
import { destinations, namesPods, podGroup, podsOfAll } from "./pod-groups.ts";
import { describeService, servicesByPod, targetOn } from "./service-index.ts";

/** A rule with the port of a Service: packets have the port of the pod when policies see them. */
export const servicePorts: Check = {
  codes: ["service-port-instead-of-target-port"],
  *run(context) {
    const services = servicesByPod(context);
    if (services.size === 0) return;
    for (const effective of effectiveRules(context)) {
      const { checked, rule } = effective;
      if (rule.ports === "all") continue;
      const written = writtenPorts(checked, rule);
      for (const [index, match] of rule.ports.entries()) {
        const { port, endPort, protocol = "TCP" } = written[index]!;
        if (match.kind !== "numbers" || typeof port !== "number" || (endPort ?? port) !== port) continue;
        const translation = translationOf(context, services, effective, port, protocol);
        if (translation !== undefined) yield finding(context, effective, match, port, translation);
      }
    }
  },
};

/** What becomes of a port of Services on the way to pods. */
interface Translation {
  readonly protocol: TransportProtocol;
  readonly services: ReadonlySet<Service>;
  readonly pods: readonly ClusterPod[];
  /** What the pods listen on. */
  readonly targets: ReadonlySet<number>;
  /** As the Services say it, which may be by name. */
  readonly written: ReadonlySet<number | string>;
}

/** Undefined where the pods may be meant to listen on the port itself. */
function translationOf(
  context: CheckContext,
  servicesOf: ReadonlyMap<ClusterPod, readonly Service[]>,
  { checked, rule }: EffectiveRule,
  port: number,
  protocol: TransportProtocol,
): Translation | undefined {
  const selections = destinations(rule, checked.policy.subject);
  const key = portKey(protocol, port);
  const groups = selections.map((selection) => podGroup(context, selection));
  if (groups.some((group) => declaredPorts(group).byNumber.has(key))) return undefined;
  const services = new Set<Service>();
  const pods: ClusterPod[] = [];
  const targets = new Set<number>();
  const written = new Set<number | string>();
  for (const pod of podsOfAll(context, selections)) {
    let isTranslated = false;
    for (const service of servicesOf.get(pod) ?? []) {
      for (const each of service.ports) {
        if (each.protocol !== protocol) continue;
        const target = targetOn(pod, each);
        if (target === port) return undefined;
        if (each.port !== port || target === undefined) continue;
        services.add(service);
        targets.add(target);
        written.add(each.targetPort);
        isTranslated = true;
      }
    }
    if (isTranslated) pods.push(pod);
  }
  return pods.length === 0 ? undefined : { protocol, services, pods, targets, written };
}

function finding(
  context: CheckContext,
  { checked, rule }: EffectiveRule,
  match: NumericPortMatch,
  port: number,
  { protocol, services, pods, targets, written }: Translation,
): Finding {
  const { policy } = checked;
  const at = policy.origin.position([...match.path, "port"]);
  const isIngress = rule.direction === "ingress";
  const gets = isIngress ? "nobody gets in" : "nothing gets out to them";
  // Whoever writes both ports loses nothing.
  const isHarmless = pods.every((pod) => {
    const ports = rulePorts(rule, pod.ports);
    return [...targets].some((target) => portSetHas(ports, { protocol, port: target }));
  });
  const selections = destinations(rule, policy.subject);
  const isSure = selections.every(namesPods) && pods.length === podsOfAll(context, selections).length;
  const [target] = written;
  const listening = listOf([...targets].map(String), 3, "or");
  return findingOf("service-port-instead-of-target-port", {
    ...(isHarmless || !isSure ? { severity: "info" } : {}),
    position: at,
    object: describePolicy(policy),
    message:
      `Port ${port} is the port of ${listOf([...services].map(describeService))}; the pods behind it ` +
      `(${workloadsOf(pods)}) listen on ${listening}, and that is the port that policies see: ${gets} by ${port}.`,
    help: isHarmless
      ? `The rule allows ${listening} too, which is enough: take ${port} out.`
      : `Write ${typeof target === "string" && written.size === 1 ? `${target} (${listening})` : listening} instead of ${port}.`,
    ...(written.size !== 1 || isHarmless || at.line === 0
      ? {}
      : {
          fix: {
            title: `write ${target}, the port of the pods, instead of ${port}`,
            safe: false,
            edits: [{ kind: "set-value", at, value: target! }],
          },
        }),
  });
}
