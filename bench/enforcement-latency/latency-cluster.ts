import type { Pod } from "../../src/k8s/objects.ts";
import type { ApiObject } from "../../test/apiserver/objects.ts";
import { manifestOf } from "../manifest-text.ts";
import type { GeneratedCluster } from "../profiles/inventory.ts";
import { typicalCluster } from "../profiles/typical.ts";
import type { LatencySizes } from "./latency-result.ts";

/** The node whose agent is measured. */
export const NODE = "measured";
/** Its pods that are no more than objects, beside the two that packets are sent between. */
const OWN_PODS = 48;

/**
 * A cluster of the usual kind whose first pods are on {@link NODE}. The generator's pods have addresses in 10.0.0.0/8 by
 * the number of their node; here they are moved out of the way of the measured ones.
 */
export function latencyCluster({ pods, namespaces, policies, nodes }: LatencySizes): GeneratedCluster {
  const generated = typicalCluster({
    seed: 20_261_126,
    pods,
    namespaces,
    policies: Math.max(policies, 1),
    nodes,
  });
  // Spread over the workloads, as a scheduler does.
  const step = Math.floor(generated.pods.length / OWN_PODS);
  return {
    ...generated,
    pods: generated.pods.map((pod, i) => placed(pod, i % step === 0 ? i / step : undefined)),
    policies: generated.policies.slice(0, policies),
  };
}

function placed(pod: Pod, own: number | undefined): Pod {
  if (own !== undefined && own < OWN_PODS) {
    return { ...pod, nodeName: NODE, addresses: [`10.1.200.${own + 1}`], hostAddresses: [] };
  }
  return {
    ...pod,
    addresses: pod.addresses.map((address) =>
      address.replace(/^10\.(\d+)/, (_, x) => `10.${Number(x) + 100}`),
    ),
  };
}

/** Objects as the API takes them. */
export function apiObjects({ namespaces, nodes, pods, policies }: GeneratedCluster): {
  readonly first: readonly ApiObject[];
  readonly rest: readonly ApiObject[];
} {
  const manifest = (object: Parameters<typeof manifestOf>[0]): ApiObject =>
    manifestOf(object) as unknown as ApiObject;
  return {
    first: [...namespaces.filter(({ name }) => name !== "kube-system").map(manifest), ...nodes.map(manifest)],
    rest: [
      ...policies.map((each) => accepted(manifest(each))),
      ...pods.map((each) => accepted(manifest(each))),
    ],
  };
}

/** With what the API server insists on, and the reader of manifests does not. */
function accepted(object: ApiObject): ApiObject {
  const owners = object.metadata.ownerReferences as { name: string }[] | undefined;
  const status = object.status as { hostIPs: { ip: string }[]; podIPs: { ip: string }[] } | undefined;
  return {
    ...object,
    metadata: {
      ...object.metadata,
      ...(owners === undefined
        ? {}
        : { ownerReferences: owners.map((owner) => ({ ...owner, uid: `uid-${owner.name}` })) }),
    },
    ...(status === undefined
      ? {}
      : {
          status: {
            ...status,
            hostIP: status.hostIPs[0]?.ip ?? "172.18.0.1",
            hostIPs: status.hostIPs.length === 0 ? [{ ip: "172.18.0.1" }] : status.hostIPs,
            podIP: status.podIPs[0]!.ip,
          },
        }),
  };
}
