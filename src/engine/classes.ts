import type { ClusterPod } from "../cluster/cluster.ts";
import type { ContainerPort, Labels } from "../k8s/objects.ts";
import { FAMILIES, type Family } from "../net/address.ts";
import type { ByFamily } from "../net/by-family.ts";
import { formatCidr } from "../net/cidr.ts";
import type { Area } from "./areas.ts";
import type { Row } from "./row.ts";

/**
 * All that selectors and named ports in use can see of a pod, addresses aside: its namespace, by name where a policy
 * speaks of it by name, the labels that somebody asks for, and the ports whose names somebody uses.
 */
export interface PodLook {
  /** Canonical text of the rest. */
  readonly key: string;
  /** Undefined for a namespace that no policy names. */
  readonly namespace: string | undefined;
  readonly namespaceLabels: Labels;
  readonly labels: Labels;
  readonly namedPorts: readonly ContainerPort[];
  /** Canonical text of the named ports, empty if there are none. */
  readonly portsKey: string;
  /** The same for equal named ports, 0 for none. */
  readonly portsId: number;
}

/** Pods that no policy can tell apart: of one look, and in one area of each family. Decisions are made per class. */
export interface PodClass {
  /** Place among the classes, reused after a class is gone. */
  readonly index: number;
  readonly look: PodLook;
  /** The area that the pods' addresses lie in; a family that is absent is one in which they have no address. */
  readonly areas: ByFamily<Area>;
  readonly hasIpv4: boolean;
  readonly hasIpv6: boolean;
  readonly pods: ReadonlySet<ClusterPod>;
  /**
   * The rows of the class that are up to date, put here and taken away by the row cache. Undefined where one has not
   * been asked for, or must be computed anew. Here, and not in a table: a verdict is a matter of few steps in memory.
   */
  ingress4: Row | undefined;
  ingress6: Row | undefined;
  egress4: Row | undefined;
  egress6: Row | undefined;
  /** Their places in the table of who may pass at all; -1 where a row is missing or has none. */
  ingress4Place: number;
  ingress6Place: number;
  egress4Place: number;
  egress6Place: number;
}

/** Canonical text of all that makes a class, the same however the class came to be. */
export function classKey(podClass: PodClass): string {
  const blocks = FAMILIES.map((family) => {
    const area = podClass.areas[family];
    return area === undefined ? "" : formatCidr(area.cidr);
  });
  return JSON.stringify([podClass.look.key, ...blocks]);
}

/** True if the pods of the class have an address of the family. */
export function hasFamily(podClass: PodClass, family: Family): boolean {
  return family === 4 ? podClass.hasIpv4 : podClass.hasIpv6;
}
