import type { ClusterPod } from "../../../cluster/cluster.ts";
import type { Service, ServicePort } from "../../../k8s/published-objects.ts";
import type { CheckContext } from "../check.ts";

/** `Service shop/db`. */
export function describeService({ namespace, name }: Service): string {
  return `Service ${namespace}/${name}`;
}

/** True if the addresses and ports of a Service are translated to those of pods that it selects. */
export function translates({ type, selector, clusterIPs }: Service): boolean {
  return (
    type !== "ExternalName" &&
    selector !== undefined &&
    Object.keys(selector).length > 0 &&
    // Of a headless one people get the addresses of its pods, and connect to whatever port they say.
    !clusterIPs.includes("None")
  );
}

/** The pods that policies see and a Service leads to. */
export function podsBehind(context: CheckContext, { namespace, selector }: Service): readonly ClusterPod[] {
  if (selector === undefined) return [];
  return context.selected.podsOf({
    namespaces: { kind: "name", name: namespace },
    pods: { matchLabels: selector },
  });
}

/** The port of a pod that a port of a Service leads to. */
export function targetOn(pod: ClusterPod, { targetPort, protocol }: ServicePort): number | undefined {
  if (typeof targetPort === "number") return targetPort;
  return pod.ports.find((port) => port.name === targetPort && port.protocol === protocol)?.port;
}

/** Of each pod, the Services that lead to it under addresses of their own. */
export function servicesByPod(context: CheckContext): ReadonlyMap<ClusterPod, readonly Service[]> {
  const services = new Map<ClusterPod, Service[]>();
  for (const service of context.cluster.published?.services ?? []) {
    if (!translates(service)) continue;
    for (const pod of podsBehind(context, service)) {
      const list = services.get(pod);
      if (list === undefined) services.set(pod, [service]);
      else list.push(service);
    }
  }
  return services;
}
