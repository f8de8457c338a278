import type { ClusterPod } from "../../../cluster/cluster.ts";
import type { Service } from "../../../k8s/published-objects.ts";
import { isReachedFromOutside } from "../../published.ts";
import type { CheckContext } from "../check.ts";

/** The pods of each context that are published. */
const known = new WeakMap<CheckContext, ReadonlySet<ClusterPod>>();

/** True for a pod of a Service that is reached from outside of the cluster, by itself or behind an Ingress. */
export function isPublished(context: CheckContext, pod: ClusterPod): boolean {
  let pods = known.get(context);
  if (pods === undefined) {
    pods = publishedPods(context);
    known.set(context, pods);
  }
  return pods.has(pod);
}

function publishedPods({ cluster, selected }: CheckContext): ReadonlySet<ClusterPod> {
  const { services = [], ingresses = [] } = cluster.published ?? {};
  const keyOf = (namespace: string, name: string): string => `${namespace}/${name}`;
  const behindIngress = new Set(
    ingresses.flatMap(({ namespace, backends }) => backends.map(({ service }) => keyOf(namespace, service))),
  );
  const isOutside = (service: Service): boolean =>
    isReachedFromOutside(service) || behindIngress.has(keyOf(service.namespace, service.name));
  return new Set(
    services
      .filter((service) => Object.keys({ ...service.selector }).length > 0 && isOutside(service))
      .flatMap(({ namespace, selector }) =>
        selected.podsOf({ namespaces: { kind: "name", name: namespace }, pods: { matchLabels: selector! } }),
      ),
  );
}
