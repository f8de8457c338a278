import type { Cluster, ClusterPod } from "../cluster/cluster.ts";
import type { Engine } from "../engine/engine.ts";
import type { Ingress, IngressBackend, Service, ServicePort } from "../k8s/published-objects.ts";
import { selectorMatches } from "../k8s/selector.ts";
import { type IngressController, ingressController } from "./ingress-controller.ts";
import { type OutsideAccess, outsideAccess, podsAccess } from "./outside-access.ts";

/**
 * Where connections from outside may arrive, derived from Services and Ingresses, and what policies make of them.
 * How the load balancer, kube-proxy or the controller really forward is not known here.
 */
export interface Published {
  /** Services of type LoadBalancer and NodePort, and those with externalIPs. */
  readonly services: readonly PublishedService[];
  readonly ingresses: readonly PublishedIngress[];
}

export interface PublishedService {
  readonly service: Service;
  /** The running pods of its selector. */
  readonly pods: readonly ClusterPod[];
  readonly ports: readonly PublishedPort[];
}

export interface PublishedPort {
  readonly port: ServicePort;
  /** One for each port of pods that it leads to, with the pods for which the same holds. */
  readonly targets: readonly PublishedTarget[];
}

export interface PublishedTarget {
  readonly pods: readonly ClusterPod[];
  /** Undefined where the pods declare no port of the name that the Service asks for. */
  readonly port: number | undefined;
  /** Whether policies let the outside reach the port; undefined where there is no port. */
  readonly access: OutsideAccess | undefined;
}

export interface PublishedIngress {
  readonly ingress: Ingress;
  /** Who forwards for it, as far as the input tells. */
  readonly controller: IngressController;
  readonly backends: readonly PublishedBackend[];
}

export interface PublishedBackend {
  readonly backend: IngressBackend;
  /** Undefined if the input has no such Service, or the Service no such port. */
  readonly servicePort: ServicePort | undefined;
  readonly isServiceKnown: boolean;
  readonly targets: readonly BackendTarget[];
}

export interface BackendTarget {
  readonly pods: readonly ClusterPod[];
  readonly port: number | undefined;
  /** Whether the controller's pods may reach the port: all of them, some, none; undefined if that is not known. */
  readonly access: "all" | "some" | "none" | undefined;
}

/** What the cluster publishes to the outside. Nothing, if the input has no such objects. */
export function published(engine: Engine): Published {
  const { cluster } = engine;
  const { services, ingresses } = cluster.published ?? { services: [], ingresses: [] };
  return {
    services: services.filter(isReachedFromOutside).map((service) => publishedService(engine, service)),
    ingresses: ingresses.map((ingress) => publishedIngress(engine, ingress)),
  };
}

/** True if the Service is reached from outside the cluster. */
export function isReachedFromOutside({ type, externalIPs }: Service): boolean {
  return type === "LoadBalancer" || type === "NodePort" || externalIPs.length > 0;
}

function publishedService(engine: Engine, service: Service): PublishedService {
  const pods = podsOfService(engine.cluster, service);
  const ports = service.ports.map((port): PublishedPort => {
    const targets = resolved(pods, port).map((target) => ({
      ...target,
      access:
        target.port === undefined ? undefined : outsideAccess(engine, target.pod, port.protocol, target.port),
    }));
    return {
      port,
      targets: grouped(targets, ({ port: number, access }) => `${number} ${access?.key}`).map((group) => ({
        pods: group.map(({ pod }) => pod),
        port: group[0]!.port,
        access: group[0]!.access,
      })),
    };
  });
  return { service, pods, ports };
}

/** The pods that a Service leads to. One without a selector, or with an empty one, has endpoints of its own. */
export function podsOfService(cluster: Cluster, { namespace, selector }: Service): ClusterPod[] {
  if (selector === undefined || Object.keys(selector).length === 0) return [];
  return cluster.pods.filter(
    (pod) => pod.namespace === namespace && selectorMatches({ matchLabels: selector }, pod.labels),
  );
}

interface ResolvedTarget {
  readonly pod: ClusterPod;
  readonly port: number | undefined;
}

/** The port of each pod that a port of a Service leads to: a name may be another number on each of them. */
function resolved(pods: readonly ClusterPod[], { targetPort, protocol }: ServicePort): ResolvedTarget[] {
  return pods.map((pod) => ({
    pod,
    port:
      typeof targetPort === "number"
        ? targetPort
        : pod.ports.find((each) => each.name === targetPort && each.protocol === protocol)?.port,
  }));
}

function grouped<T extends { readonly pod: ClusterPod }>(
  items: readonly T[],
  keyOf: (item: T) => string,
): T[][] {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = `${item.pod.workload}\n${keyOf(item)}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return [...groups.values()];
}

function publishedIngress(engine: Engine, ingress: Ingress): PublishedIngress {
  const controller = ingressController(engine.cluster, ingress);
  const known = engine.cluster.published?.services ?? [];
  const backends = ingress.backends.map((backend): PublishedBackend => {
    const service = known.find(
      ({ namespace, name }) => namespace === ingress.namespace && name === backend.service,
    );
    const servicePort = service?.ports.find(({ name, port }) =>
      typeof backend.port === "number" ? port === backend.port : name === backend.port,
    );
    const pods = service === undefined ? [] : podsOfService(engine.cluster, service);
    const targets =
      servicePort === undefined
        ? []
        : resolved(pods, servicePort).map((target) => ({
            ...target,
            access:
              target.port === undefined
                ? undefined
                : podsAccess(engine, controller.pods, target.pod, servicePort.protocol, target.port),
          }));
    return {
      backend,
      servicePort,
      isServiceKnown: service !== undefined,
      targets: grouped(targets, ({ port, access }) => `${port} ${access}`).map((group) => ({
        pods: group.map(({ pod }) => pod),
        port: group[0]!.port,
        access: group[0]!.access,
      })),
    };
  });
  return { ingress, controller, backends };
}
