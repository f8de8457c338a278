import type { Cluster, ClusterPod, ClusterWorkload } from "../cluster/cluster.ts";
import type { End } from "../engine/end.ts";
import { DEFAULT_NAMESPACE } from "../k8s/metadata.ts";
import { parseAddress } from "../net/address.ts";
import { MAX_PORT, MIN_PORT, type Traffic, type Transport } from "../net/port-set.ts";
import { UsageError } from "./usage-error.ts";

/** TO of a command line: an end, and what to send there. */
export interface Target {
  readonly end: string;
  /** Number or name; absent for "any". */
  readonly port?: string;
  readonly protocol?: Transport | "other";
}

/** Reads `END[:PORT[/PROTO]]`; an IPv6 address with a port stands in brackets. Throws a UsageError. */
export function parseTarget(text: string): Target {
  if (parseAddress(text) !== undefined) return { end: text };
  const match = /^(?:\[([^\]]+)\]|([^:]+))(?::([^/:]+)(?:\/([A-Za-z]+))?)?$/.exec(text);
  if (match === null)
    throw new UsageError(
      `${text}: cannot read this as POD[:PORT[/PROTOCOL]], as in shop/db:3306 or [fd00::1]:53/UDP`,
    );
  const end = match[1] ?? match[2]!;
  const port = match[3];
  if (port === undefined) return { end };
  if (/^(icmp|icmpv6|other)$/i.test(port)) return { end, protocol: "other" };
  const protocol = (match[4] ?? "TCP").toUpperCase();
  if (protocol !== "TCP" && protocol !== "UDP" && protocol !== "SCTP") {
    throw new UsageError(
      `${text}: protocol ${match[4]} has no ports; write TCP, UDP or SCTP, or :icmp for everything else`,
    );
  }
  return { end, port, protocol };
}

/** The namespace of the pods that a name means; undefined for an address. */
export function namespaceOfEnd(name: string, fallback: string = DEFAULT_NAMESPACE): string | undefined {
  if (parseAddress(name) !== undefined) return undefined;
  return name.includes("/") ? name.split("/")[0]! : fallback;
}

/** What names mean beyond what the cluster tells. */
export interface NameScope {
  /** The namespace of a name without one. */
  readonly namespace: string;
  /** Ids of pods that have no address yet, and are left out of the cluster. */
  readonly waitingPods: readonly string[];
}

const MANIFEST_SCOPE: NameScope = { namespace: DEFAULT_NAMESPACE, waitingPods: [] };

/** The pods or the address that a name means. Throws a UsageError with near names. */
export function findEnds(cluster: Cluster, name: string, scope: NameScope = MANIFEST_SCOPE): End[] {
  const address = parseAddress(name);
  if (address !== undefined) return [{ kind: "address", address }];
  const full = name.includes("/") ? name : `${scope.namespace}/${name}`;
  const pods = podsNamed(cluster, full);
  if (pods.length > 0) return pods.map((pod): End => ({ kind: "pod", pod }));
  const finished = cluster.finishedPods.find((id) => id === full);
  if (finished !== undefined) {
    throw new UsageError(
      `pod ${finished} has finished (Succeeded or Failed), so it takes no part in any connection`,
    );
  }
  // The pods of a workload begin with its name.
  const waiting = scope.waitingPods.find((id) => id === full || id.startsWith(`${full}-`));
  if (waiting !== undefined) {
    throw new UsageError(`pod ${waiting} has no address yet, so it takes no part in any connection`);
  }
  const names = [
    ...new Set(cluster.workloads.flatMap((workload) => [`${workload.namespace}/${workload.name}`])),
  ];
  const last = name.split("/").at(-1)!;
  const near = names
    .filter((known) => known.includes(last) || last.includes(known.split("/")[1]!))
    .slice(0, 5);
  const hint =
    near.length > 0
      ? `did you mean ${near.join(" or ")}?`
      : names.length === 0
        ? "there are no pods in the input"
        : `there are: ${names.slice(0, 8).join(", ")}${names.length > 8 ? ", ..." : ""}`;
  throw new UsageError(`no pod, workload or address ${name}; ${hint}`);
}

function podsNamed(cluster: Cluster, full: string): readonly ClusterPod[] {
  const pod = cluster.pods.find((each) => each.id === full);
  if (pod !== undefined) return [pod];
  const matches = (workload: ClusterWorkload): boolean =>
    workload.id === full || `${workload.namespace}/${workload.name}` === full;
  return cluster.workloads.filter(matches).flatMap((workload) => workload.pods);
}

/**
 * The packets that a target asks about at one destination. A name means every port that the destination pod
 * declares under it, and nothing at an address. Throws a UsageError for a number that is no port.
 */
export function trafficTo(target: Target, destination: End): Traffic[] {
  if (target.protocol === "other") return [{ protocol: "other" }];
  const protocol = target.protocol ?? "TCP";
  const text = target.port!;
  if (!/^\d+$/.test(text)) {
    const declared = destination.kind === "pod" ? destination.pod.ports : [];
    return declared
      .filter((port) => port.name === text && port.protocol === protocol)
      .map(({ port }) => ({ protocol, port }));
  }
  const port = Number(text);
  if (port < MIN_PORT || port > MAX_PORT) {
    throw new UsageError(`port ${text} is not within ${MIN_PORT}-${MAX_PORT}`);
  }
  return [{ protocol, port }];
}
