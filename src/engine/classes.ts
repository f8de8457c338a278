import type { ClusterPod } from "../cluster/cluster.ts";
import type { ContainerPort, Direction, Labels } from "../k8s/objects.ts";
import { FAMILIES, type Family } from "../net/address.ts";
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
  readonly areas: Readonly<Partial<Record<Family, Area>>>;
  readonly hasIpv4: boolean;
  readonly hasIpv6: boolean;
  readonly pods: ReadonlySet<ClusterPod>;
  /** Kept by the row cache: the rows of the class by {@link slotOf}, where they have been asked for. */
  readonly slots: (RowSlot | undefined)[];
}

/** A row that is computed when first asked for, and again after a change. */
export interface RowSlot {
  readonly row: Row | undefined;
  /** True if some cells of `row` must be judged anew. */
  readonly isOutdated: boolean;
}

/** The place of a row among the slots of its class. */
export function slotOf(direction: Direction, family: Family): number {
  return (direction === "ingress" ? 0 : 1) + (family === 4 ? 0 : 2);
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
