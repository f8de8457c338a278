import type { FieldEdit, Fix } from "../../../k8s/fix.ts";
import type { Service } from "../../../k8s/published-objects.ts";
import type { CheckContext } from "../check.ts";
import { writtenPorts } from "../network-policy-rules.ts";
import type { BlockInRule } from "./address-blocks.ts";
import { podsBehind, targetOn, translates } from "./service-index.ts";

/** The pods of a Service in place of its address, at the ports where they listen. Undefined where that is not sure. */
export function serviceFix(
  context: CheckContext,
  { checked, rule, peer }: BlockInRule,
  service: Service,
): Fix | undefined {
  const { origin } = checked.policy;
  const at = origin.position(peer.path);
  // With other peers beside it, its ports are theirs too.
  if (rule.direction === "ingress" || !translates(service) || at.line === 0 || rule.peers.length !== 1)
    return undefined;
  const ports = portEdits(context, { checked, rule, peer }, service);
  if (ports === undefined) return undefined;
  const edits: FieldEdit[] = [
    { kind: "add-field", at, name: "podSelector", value: { matchLabels: { ...service.selector } } },
  ];
  if (service.namespace !== checked.source.namespace) {
    const value = { matchLabels: { "kubernetes.io/metadata.name": service.namespace } };
    edits.push({ kind: "add-field", at, name: "namespaceSelector", value });
  }
  edits.push({ kind: "remove-field", at: origin.position([...peer.path, "ipBlock"], "key") }, ...ports);
  return { title: `select the pods of Service ${service.namespace}/${service.name}`, safe: false, edits };
}

function portEdits(
  context: CheckContext,
  { checked, rule }: BlockInRule,
  service: Service,
): FieldEdit[] | undefined {
  if (rule.ports === "all") return [];
  const pods = podsBehind(context, service);
  const edits: FieldEdit[] = [];
  for (const [index, { port, endPort, protocol = "TCP" }] of writtenPorts(checked, rule).entries()) {
    if (typeof port !== "number" || endPort !== undefined) return undefined;
    const own = service.ports.find((each) => each.port === port && each.protocol === protocol);
    if (own === undefined) return undefined;
    const targets = new Set(pods.map((pod) => targetOn(pod, own)));
    const [target] = targets;
    if (targets.size !== 1 || target === undefined) return undefined;
    const at = checked.policy.origin.position([...rule.path, "ports", index, "port"]);
    if (target !== port) edits.push({ kind: "set-value", at, value: target });
  }
  return edits;
}
