import type { ClusterPod } from "../../../cluster/cluster.ts";
import type { Address } from "../../../net/address.ts";
import type { CheckContext } from "../check.ts";
import { countOf } from "../words.ts";
import { podsReaching } from "./egress-rules.ts";
import {
  API_SERVER_PORT,
  isControlPlane,
  KUBELET_PORTS,
  METADATA_ADDRESSES,
  METADATA_PORT,
  nodeAreas,
  type TransportPort,
} from "./notable-addresses.ts";

/** What some pods may connect to of what they better did not, in words, after all policies. */
export function notableInReach(context: CheckContext, pods: readonly ClusterPod[]): string[] {
  const { engine } = context;
  const reach = (address: Address, port: TransportPort): boolean =>
    podsReaching(engine, pods, address, port).length > 0;
  const kubelets = new Set(
    nodeAreas(context)
      .filter(({ first }) => KUBELET_PORTS.some((port) => reach(first.address, port)))
      .flatMap(({ nodes }) => nodes),
  );
  const servers = nodeAreas(context, isControlPlane);
  return [
    ...(reach(METADATA_ADDRESSES[0]!, METADATA_PORT)
      ? ["the metadata address 169.254.169.254 of clouds"]
      : []),
    ...(kubelets.size > 0 ? [`the kubelets of ${countOf(kubelets.size, "node")}`] : []),
    ...(servers.some(({ first }) => reach(first.address, API_SERVER_PORT)) ? ["the API server"] : []),
  ];
}
