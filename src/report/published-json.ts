import type { OutsideAccess } from "../analysis/outside-access.ts";
import type {
  Published,
  PublishedBackend,
  PublishedIngress,
  PublishedPort,
  PublishedService,
} from "../analysis/published.ts";
import { formatRange } from "../net/address-partition.ts";

/** The part `published` of `schemas/podwall.exposure.v1.schema.json`. */
export interface PublishedDocument {
  readonly services: readonly PublishedServiceDocument[];
  readonly ingresses: readonly PublishedIngressDocument[];
}

export interface PublishedServiceDocument {
  /** `namespace/name`. */
  readonly service: string;
  readonly type: string;
  /** Addresses and names where it is reached, as far as they are known. */
  readonly addresses: readonly string[];
  readonly loadBalancerSourceRanges: readonly string[];
  readonly externalTrafficPolicy: "Cluster" | "Local";
  readonly pods: readonly string[];
  readonly ports: readonly PublishedPortDocument[];
}

export interface PublishedPortDocument {
  readonly protocol: string;
  readonly port: number;
  readonly nodePort?: number;
  readonly targetPort: number | string;
  readonly targets: readonly {
    readonly pods: readonly string[];
    readonly port?: number;
    readonly access?: AccessDocument;
  }[];
}

export interface AccessDocument {
  readonly families: readonly {
    readonly family: "IPv4" | "IPv6";
    readonly outside: "all" | "some" | "none";
    /** `first-last`. */
    readonly ranges?: readonly string[];
  }[];
  readonly nodes?: "all" | "some" | "none";
}

export interface PublishedIngressDocument {
  /** `namespace/name`. */
  readonly ingress: string;
  readonly class?: string;
  readonly controller?: string;
  readonly controllerPods: readonly string[];
  readonly backends: readonly PublishedBackendDocument[];
}

export interface PublishedBackendDocument {
  readonly host?: string;
  readonly path?: string;
  readonly service: string;
  readonly port: number | string;
  /** False if the input has no such Service or port. */
  readonly resolved: boolean;
  readonly targets: readonly {
    readonly pods: readonly string[];
    readonly port?: number;
    readonly access?: "all" | "some" | "none";
  }[];
}

/** What a cluster publishes, as a value for JSON. */
export function publishedJson({ services, ingresses }: Published): PublishedDocument {
  return { services: services.map(serviceJson), ingresses: ingresses.map(ingressJson) };
}

function serviceJson({ service, pods, ports }: PublishedService): PublishedServiceDocument {
  return {
    service: `${service.namespace}/${service.name}`,
    type: service.type,
    addresses: [...service.loadBalancer, ...service.externalIPs],
    loadBalancerSourceRanges: service.loadBalancerSourceRanges,
    externalTrafficPolicy: service.externalTrafficPolicy,
    pods: pods.map(({ id }) => id),
    ports: ports.map(portJson),
  };
}

function portJson({ port, targets }: PublishedPort): PublishedPortDocument {
  return {
    protocol: port.protocol,
    port: port.port,
    ...(port.nodePort === undefined ? {} : { nodePort: port.nodePort }),
    targetPort: port.targetPort,
    targets: targets.map((target) => ({
      pods: target.pods.map(({ id }) => id),
      ...(target.port === undefined ? {} : { port: target.port }),
      ...(target.access === undefined ? {} : { access: accessJson(target.access) }),
    })),
  };
}

function accessJson({ families, nodes }: OutsideAccess): AccessDocument {
  return {
    families: families.map(({ family, outside, ranges }) => ({
      family: `IPv${family}` as const,
      outside,
      ...(outside === "some" ? { ranges: ranges.map(formatRange) } : {}),
    })),
    ...(nodes === undefined ? {} : { nodes }),
  };
}

function ingressJson({ ingress, controller, backends }: PublishedIngress): PublishedIngressDocument {
  return {
    ingress: `${ingress.namespace}/${ingress.name}`,
    ...(ingress.className === undefined ? {} : { class: ingress.className }),
    ...(controller.name === undefined ? {} : { controller: controller.name }),
    controllerPods: controller.pods.map(({ id }) => id),
    backends: backends.map(backendJson),
  };
}

function backendJson({ backend, servicePort, targets }: PublishedBackend): PublishedBackendDocument {
  return {
    ...(backend.host === undefined ? {} : { host: backend.host }),
    ...(backend.path === undefined ? {} : { path: backend.path }),
    service: backend.service,
    port: backend.port,
    resolved: servicePort !== undefined,
    targets: targets.map(({ pods, port, access }) => ({
      pods: pods.map(({ id }) => id),
      ...(port === undefined ? {} : { port }),
      ...(access === undefined ? {} : { access }),
    })),
  };
}
