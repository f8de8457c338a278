// The one intermediate form (IR) of both policy kinds. The engine reads nothing else.
import type { FieldPath, Origin } from "../k8s/location.ts";
import type { Direction, LabelSelector } from "../k8s/objects.ts";
import type { Cidr } from "../net/cidr.ts";
import type { PortSet, Transport } from "../net/port-set.ts";

/** The order of judgement: all of Admin by priority, then NetworkPolicy, then Baseline, then allow. */
export type Tier = "Admin" | "NetworkPolicy" | "Baseline";

/**
 * What a matching rule decides for its direction. Accept and Deny are final; Pass leaves the tier. Rules of a
 * NetworkPolicy only accept: what no rule of the tier accepts is denied to the pods that it isolates.
 */
export type Action = "Accept" | "Deny" | "Pass";

/** The kinds of object that become policies. The two admin kinds are the older form of ClusterNetworkPolicy. */
export type PolicyKind =
  | "NetworkPolicy"
  | "ClusterNetworkPolicy"
  | "AdminNetworkPolicy"
  | "BaselineAdminNetworkPolicy";

/** One policy object. */
export interface Policy {
  readonly kind: PolicyKind;
  /** `namespace/name`, or `name` for a cluster-wide kind. */
  readonly id: string;
  readonly tier: Tier;
  /** Lower is judged first, within Admin and within Baseline. 0 for NetworkPolicy, whose rules are a union. */
  readonly priority: number;
  /** The pods that it is about. Host-network pods never are. */
  readonly subject: PodSelection;
  /** The directions for which it isolates its subject, so that what no rule allows is denied. */
  readonly isolates: Readonly<Record<Direction, boolean>>;
  readonly rules: Readonly<Record<Direction, readonly Rule[]>>;
  /** It could not be understood: it closes its subject and allows nothing. */
  readonly broken: boolean;
  /**
   * What it denies is logged and let through, where it is enforced by the kernel. The engine decides as if it were
   * enforced: whoever wants the other answer too asks an engine without the audited policies.
   */
  readonly audit: boolean;
  readonly origin: Origin;
}

export interface Rule {
  readonly direction: Direction;
  /** Place in its list, from 0. */
  readonly index: number;
  /** The name that its author gave it, where the kind has names for rules. */
  readonly name?: string;
  /** What it does. A rule that fails closed does what is left of it: see `failsClosed`. */
  readonly action: Action;
  readonly peers: "everyone" | readonly Peer[];
  readonly ports: "all" | readonly PortMatch[];
  /** The field of the policy that holds the rule. */
  readonly path: FieldPath;
  /**
   * The field that could not be understood, such as a peer of a newer API. The rule then fails closed: an Accept
   * rule matches nobody, and a Deny or Pass rule denies all traffic of its direction, whatever its ports.
   */
  readonly failsClosed?: FieldPath;
}

/** Pods by the labels of their namespaces and their own. */
export interface PodSelection {
  readonly namespaces: NamespaceSelection;
  readonly pods: LabelSelector;
}

/** One namespace by name (the policy's own), or those that a selector matches. */
export type NamespaceSelection =
  | { readonly kind: "name"; readonly name: string }
  | { readonly kind: "selector"; readonly selector: LabelSelector };

/** Who may be at the other end. Peers of a rule are ORed. */
export type Peer = PodPeer | AddressPeer | NodePeer | DomainPeer;

export interface PodPeer {
  readonly kind: "pods";
  readonly selection: PodSelection;
  readonly path: FieldPath;
}

/** Addresses of a block without those of its exceptions; pods are matched by their addresses too. */
export interface AddressPeer {
  readonly kind: "addresses";
  readonly cidr: Cidr;
  readonly except: readonly Cidr[];
  readonly path: FieldPath;
}

/** The addresses of the nodes that a selector matches. */
export interface NodePeer {
  readonly kind: "nodes";
  readonly selector: LabelSelector;
  readonly path: FieldPath;
}

/** Domain names. Without a resolver they match nothing, which is never wider than what was meant: they only accept. */
export interface DomainPeer {
  readonly kind: "domains";
  readonly names: readonly string[];
  readonly path: FieldPath;
}

/** Which ports. Entries of a rule are ORed. */
export type PortMatch = NumericPortMatch | NamedPortMatch;

export interface NumericPortMatch {
  readonly kind: "numbers";
  readonly ports: PortSet;
  readonly path: FieldPath;
}

/**
 * The ports that the destination pod declares under this name, of this protocol or of `any`; none on an address that
 * is no pod.
 */
export interface NamedPortMatch {
  readonly kind: "name";
  readonly protocol: Transport | "any";
  readonly name: string;
  readonly path: FieldPath;
}
