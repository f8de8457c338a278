// The objects by which pods are published to the outside of a cluster. No policy depends on them: they tell where
// connections from outside may arrive.
import type { Origin } from "./location.ts";
import type { Labels, TransportProtocol } from "./objects.ts";

/** core/v1 Service. */
export interface Service {
  readonly kind: "Service";
  readonly namespace: string;
  readonly name: string;
  readonly type: ServiceType;
  /** Absent for a Service whose endpoints somebody else names. */
  readonly selector?: Labels;
  readonly ports: readonly ServicePort[];
  /** The addresses that lead to its pods, at most one a family; `None` for a headless one. Empty if none is written. */
  readonly clusterIPs: readonly string[];
  /** Addresses of nodes, or routed to them, where the Service is reached whatever its type. */
  readonly externalIPs: readonly string[];
  /** Client addresses that the load balancer is asked to let through; empty for all of them. */
  readonly loadBalancerSourceRanges: readonly string[];
  readonly externalTrafficPolicy: "Cluster" | "Local";
  /** `status.loadBalancer.ingress`: addresses and host names. */
  readonly loadBalancer: readonly string[];
  readonly origin: Origin;
}

export type ServiceType = "ClusterIP" | "NodePort" | "LoadBalancer" | "ExternalName";

export interface ServicePort {
  readonly name?: string;
  readonly protocol: TransportProtocol;
  readonly port: number;
  /** A number, or the name that each pod gives to one of its ports. */
  readonly targetPort: number | string;
  readonly nodePort?: number;
}

/** networking.k8s.io/v1 Ingress. */
export interface Ingress {
  readonly kind: "Ingress";
  readonly namespace: string;
  readonly name: string;
  readonly className?: string;
  /** The default backend first, then those of the paths, as written. Backends that are no services are left out. */
  readonly backends: readonly IngressBackend[];
  readonly origin: Origin;
}

export interface IngressBackend {
  /** Absent for every host. */
  readonly host?: string;
  /** Absent for every path. */
  readonly path?: string;
  /** Name of a Service of the Ingress's namespace. */
  readonly service: string;
  /** The Service's port, by number or name. */
  readonly port: number | string;
}

/** networking.k8s.io/v1 IngressClass. */
export interface IngressClass {
  readonly kind: "IngressClass";
  readonly name: string;
  /** As in `k8s.io/ingress-nginx`. */
  readonly controller: string;
  readonly origin: Origin;
}

export type PublishingObject = Service | Ingress | IngressClass;

/** True for the name of a kind that publishes pods. */
export function isPublishingKind(kind: string): kind is PublishingObject["kind"] {
  return kind === "Service" || kind === "Ingress" || kind === "IngressClass";
}
