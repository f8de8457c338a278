import type { FieldPath, Origin } from "../../k8s/location.ts";
import type { LabelSelector, TransportProtocol } from "../../k8s/objects.ts";
import type { Address, Family } from "../../net/address.ts";
import type { Cidr } from "../../net/cidr.ts";
import type { PortSet } from "../../net/port-set.ts";

/** What a `*.podwall.yaml` file says. */
export interface AssertionFile {
  /** As the user named it. */
  readonly file: string;
  /** The manifests that its cases are about, relative to the file; absent where it names none. */
  readonly manifests?: readonly string[];
  readonly assertions: readonly Assertion[];
}

/** One case: every member of `from` may open connections to every member of `to`, or none may to any. */
export interface Assertion {
  /** The title that its author gave it, or one that says what it asserts. */
  readonly name: string;
  readonly from: readonly EndSpec[];
  readonly to: readonly EndSpec[];
  readonly expect: "allow" | "deny";
  /**
   * What is asked about. Absent: of `deny`, that nothing at all may pass; of `allow`, every port that the pods of `to`
   * declare.
   */
  readonly ports?: readonly PortSpec[];
  /** The only family that is asked about; absent: every one that two ends share. */
  readonly family?: Family;
  readonly origin: Origin;
  /** The way to the case in its file. */
  readonly path: FieldPath;
}

/** Whom a case names. Several in a list are all meant. */
export type EndSpec = NameEnd | PodsEnd | AnyoneEnd | AddressesEnd;

interface WrittenEnd {
  /** As it is told to people. */
  readonly text: string;
  readonly path: FieldPath;
  /** Who is left out. */
  readonly except: readonly EndSpec[];
}

/** A pod, or the pods of a workload. */
export interface NameEnd extends WrittenEnd {
  readonly kind: "name";
  /** `shop/db`, `shop/db-0` or `shop/db[StatefulSet]`, always with its namespace. */
  readonly name: string;
}

/** Pods by their labels and those of their namespaces. */
export interface PodsEnd extends WrittenEnd {
  readonly kind: "pods";
  readonly namespace: string | LabelSelector;
  readonly pods: LabelSelector;
}

/** All pods of the cluster and all addresses outside of it. */
export interface AnyoneEnd extends WrittenEnd {
  readonly kind: "anyone";
}

/** Every address of a block, pods in it included, or only those outside of the cluster. */
export interface AddressesEnd extends WrittenEnd {
  readonly kind: "addresses";
  /** Absent: those of both families. */
  readonly cidr?: Cidr;
  /** The one address that was named. */
  readonly address?: Address;
  /** True if addresses of the cluster are not meant: those of pods and nodes, and their blocks. */
  readonly outside: boolean;
}

/** Ports that a case names: fixed ones, or those that the pods of `to` declare under a name. */
export type PortSpec =
  | { readonly kind: "ports"; readonly ports: PortSet; readonly text: string }
  | {
      readonly kind: "name";
      readonly name: string;
      readonly protocol: TransportProtocol;
      readonly text: string;
    };
