import type { ClusterPod } from "../../../cluster/cluster.ts";
import type { TransportProtocol } from "../../../k8s/objects.ts";
import type { PodGroup } from "./pod-groups.ts";

/** The ports that the containers of some pods declare. */
export interface DeclaredPorts {
  /** By `TCP/80`. */
  readonly byNumber: ReadonlySet<string>;
  /** The numbers of each name, by `TCP/http`, with the pods that have them. */
  readonly byName: ReadonlyMap<string, ReadonlyMap<number, readonly ClusterPod[]>>;
}

const known = new WeakMap<PodGroup, DeclaredPorts>();

/** What the pods of a group declare. */
export function declaredPorts(group: PodGroup): DeclaredPorts {
  let ports = known.get(group);
  if (ports === undefined) {
    ports = portsOf(group.pods);
    known.set(group, ports);
  }
  return ports;
}

/** `TCP/80`, `TCP/http`. */
export function portKey(protocol: TransportProtocol, port: number | string): string {
  return `${protocol}/${port}`;
}

function portsOf(pods: readonly ClusterPod[]): DeclaredPorts {
  const byNumber = new Set<string>();
  const byName = new Map<string, Map<number, ClusterPod[]>>();
  for (const pod of pods) {
    for (const { protocol, port, name } of pod.ports) {
      byNumber.add(portKey(protocol, port));
      if (name === undefined) continue;
      const key = portKey(protocol, name);
      let numbers = byName.get(key);
      if (numbers === undefined) {
        numbers = new Map();
        byName.set(key, numbers);
      }
      const list = numbers.get(port);
      if (list === undefined) numbers.set(port, [pod]);
      else if (list.at(-1) !== pod) list.push(pod);
    }
  }
  return { byNumber, byName };
}
