import type { Cluster, ClusterPod } from "../cluster/cluster.ts";
import type { Ingress } from "../k8s/published-objects.ts";

/** Who forwards connections for an Ingress. */
export interface IngressController {
  /** The `controller` of its IngressClass; undefined where the input does not tell. */
  readonly name: string | undefined;
  /** The pods of the input that look like it; none where they are not there. */
  readonly pods: readonly ClusterPod[];
}

/** A controller by its usual names: those that its charts and manifests give. */
interface KnownController {
  /** How the `controller` of an IngressClass begins, and the names of classes that are usual for it. */
  readonly controllers: readonly string[];
  readonly classNames: readonly string[];
  /** Values of `app.kubernetes.io/name` on its pods. */
  readonly appNames: readonly string[];
}

const KNOWN: readonly KnownController[] = [
  {
    controllers: ["k8s.io/ingress-nginx"],
    classNames: ["nginx"],
    appNames: ["ingress-nginx"],
  },
  { controllers: ["nginx.org/ingress-controller"], classNames: ["nginx"], appNames: ["nginx-ingress"] },
  { controllers: ["traefik.io/ingress-controller"], classNames: ["traefik"], appNames: ["traefik"] },
  {
    controllers: ["haproxy.org/ingress-controller", "haproxy-ingress.github.io/controller"],
    classNames: ["haproxy"],
    appNames: ["kubernetes-ingress", "haproxy-ingress"],
  },
  // Contour only configures: Envoy forwards.
  { controllers: ["projectcontour.io/"], classNames: ["contour"], appNames: ["envoy", "contour"] },
  { controllers: ["ingress-controllers.konghq.com/kong"], classNames: ["kong"], appNames: ["kong"] },
];

const NAME_LABEL = "app.kubernetes.io/name";
const COMPONENT_LABEL = "app.kubernetes.io/component";
/** Parts of these applications that forward nothing. */
const OTHER_COMPONENTS: ReadonlySet<string> = new Set([
  "admission-webhook",
  "default-backend",
  "defaultbackend",
]);

/**
 * The controller of an Ingress. Its pods are known by the labels that the usual installations give them: by those of
 * its class, or of any known controller where the class says nothing.
 */
export function ingressController(cluster: Cluster, { className }: Ingress): IngressController {
  const classes = cluster.published?.ingressClasses ?? [];
  // An Ingress without a class goes to the only class there is, if there is only one.
  const ingressClass =
    className === undefined
      ? classes.length === 1
        ? classes[0]
        : undefined
      : classes.find(({ name }) => name === className);
  const named = KNOWN.filter(({ controllers, classNames }) =>
    ingressClass === undefined
      ? className === undefined || classNames.includes(className)
      : controllers.some((start) => ingressClass.controller.startsWith(start)),
  );
  const appNames = new Set(named.flatMap((each) => each.appNames));
  return {
    name: ingressClass?.controller,
    pods: cluster.pods.filter(
      ({ labels }) =>
        appNames.has(labels[NAME_LABEL] ?? "") && !OTHER_COMPONENTS.has(labels[COMPONENT_LABEL] ?? ""),
    ),
  };
}
