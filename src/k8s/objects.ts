// The Kubernetes objects that matter to us, after parsing and validation: plain values in the API's own words.
import type { Origin } from "./location.ts";
import type { PublishingObject } from "./published-objects.ts";

export type Labels = Readonly<Record<string, string>>;

/** meta/v1 LabelSelector. Requirements are ANDed; an empty selector selects everything. */
export interface LabelSelector {
  readonly matchLabels?: Labels;
  readonly matchExpressions?: readonly LabelSelectorRequirement[];
}

export interface LabelSelectorRequirement {
  readonly key: string;
  readonly operator: "In" | "NotIn" | "Exists" | "DoesNotExist";
  readonly values?: readonly string[];
}

export type TransportProtocol = "TCP" | "UDP" | "SCTP";

export interface Namespace {
  readonly kind: "Namespace";
  readonly name: string;
  readonly labels: Labels;
  readonly origin: Origin;
}

export interface Node {
  readonly kind: "Node";
  readonly name: string;
  readonly labels: Labels;
  /** `status.addresses` of type InternalIP and ExternalIP, and nothing that is not an address. */
  readonly addresses: readonly string[];
  /** `spec.podCIDRs` (or `spec.podCIDR`), at most one a family: where its pods get their addresses. Absent if none. */
  readonly podCidrs?: readonly string[];
  readonly origin: Origin;
}

/** A container port that a pod declares. */
export interface ContainerPort {
  readonly name?: string;
  readonly port: number;
  readonly protocol: TransportProtocol;
}

/** What a Pod and a pod template have in common. */
export interface PodTemplate {
  readonly labels: Labels;
  /** Ports of containers and of sidecars (init containers with restartPolicy Always), in written order. */
  readonly ports: readonly ContainerPort[];
  readonly hostNetwork: boolean;
  readonly nodeName?: string;
}

export interface OwnerReference {
  readonly kind: string;
  readonly name: string;
}

export interface Pod extends PodTemplate {
  readonly kind: "Pod";
  readonly namespace: string;
  readonly name: string;
  /** `status.podIPs` (or `status.podIP`): at most one address a family. */
  readonly addresses: readonly string[];
  /** `status.hostIPs` (or `status.hostIP`). */
  readonly hostAddresses: readonly string[];
  /** `status.phase`. */
  readonly phase?: string;
  /** The owner reference with `controller: true`, if any. */
  readonly controller?: OwnerReference;
  readonly origin: Origin;
}

export type WorkloadKind =
  | "Deployment"
  | "StatefulSet"
  | "DaemonSet"
  | "ReplicaSet"
  | "ReplicationController"
  | "Job"
  | "CronJob";

/** An object that makes pods. `replicas` is how many (parallelism of a Job; 1 for DaemonSet and CronJob). */
export interface Workload {
  readonly kind: WorkloadKind;
  readonly namespace: string;
  readonly name: string;
  readonly replicas: number;
  readonly template: PodTemplate;
  /** True for a Job that has completed or failed (`status.conditions`): it makes no more pods. */
  readonly finished?: boolean;
  /** The owner reference with `controller: true`, if any. */
  readonly controller?: OwnerReference;
  readonly origin: Origin;
}

/** networking.k8s.io/v1 NetworkPolicy. */
export interface NetworkPolicy {
  readonly kind: "NetworkPolicy";
  readonly namespace: string;
  readonly name: string;
  readonly spec: NetworkPolicySpec;
  /**
   * True for a policy that could not be understood. Its `spec` then selects the same pods (all of the namespace
   * if even that is unclear), for the directions that could be read (both, if unclear), and allows nothing.
   */
  readonly broken: boolean;
  /**
   * True if its annotation `podwall.io/mode` is `audit`: what it denies is logged and let through, also if it is broken:
   * no policy in audit mode keeps anything out. Else absent.
   */
  readonly audit?: true;
  /** Its annotation `podwall.io/ignore`: which findings of `podwall check` are meant to be. No packet depends on it. */
  readonly ignore?: string;
  readonly origin: Origin;
}

export type Direction = "ingress" | "egress";

export type PolicyType = "Ingress" | "Egress";

export interface NetworkPolicySpec {
  readonly podSelector: LabelSelector;
  /** As written; absent when it was absent (the default depends on `egress`, see `src/policy`). */
  readonly policyTypes?: readonly PolicyType[];
  readonly ingress?: readonly NetworkPolicyIngressRule[];
  readonly egress?: readonly NetworkPolicyEgressRule[];
}

export interface NetworkPolicyIngressRule {
  readonly from?: readonly NetworkPolicyPeer[];
  readonly ports?: readonly NetworkPolicyPort[];
}

export interface NetworkPolicyEgressRule {
  readonly to?: readonly NetworkPolicyPeer[];
  readonly ports?: readonly NetworkPolicyPort[];
}

/** Either `ipBlock` alone, or one or both selectors. */
export interface NetworkPolicyPeer {
  readonly podSelector?: LabelSelector;
  readonly namespaceSelector?: LabelSelector;
  readonly ipBlock?: IpBlock;
}

export interface IpBlock {
  readonly cidr: string;
  readonly except?: readonly string[];
}

export interface NetworkPolicyPort {
  /** TCP when absent. */
  readonly protocol?: TransportProtocol;
  readonly port?: number | string;
  readonly endPort?: number;
}

/** What the kinds of cluster-wide policy have in common. */
interface ClusterPolicyObject {
  readonly name: string;
  /**
   * True for a policy that could not be understood. Its `spec` then has no rules, and says as far as it could be read
   * which pods it is about (all of the cluster, if that is unclear) and when it is judged (first, if that is unclear).
   */
  readonly broken: boolean;
  /** For a broken policy, the directions for which it has rules, or may have: those that it closes. Else empty. */
  readonly closes: readonly Direction[];
  /** As in a {@link NetworkPolicy}. */
  readonly audit?: true;
  /** As in a {@link NetworkPolicy}. */
  readonly ignore?: string;
  readonly origin: Origin;
}

/** policy.networking.k8s.io/v1alpha2 ClusterNetworkPolicy. */
export interface ClusterNetworkPolicy extends ClusterPolicyObject {
  readonly kind: "ClusterNetworkPolicy";
  readonly spec: ClusterNetworkPolicySpec;
}

export interface ClusterNetworkPolicySpec {
  readonly tier: "Admin" | "Baseline";
  /** 0 to 1000; the lowest is judged first. */
  readonly priority: number;
  readonly subject: ClusterPolicySubject;
  readonly ingress?: readonly ClusterNetworkPolicyIngressRule[];
  readonly egress?: readonly ClusterNetworkPolicyEgressRule[];
}

export type ClusterNetworkPolicyAction = "Accept" | "Deny" | "Pass";

interface ClusterNetworkPolicyRule {
  readonly name?: string;
  readonly action: ClusterNetworkPolicyAction;
  readonly protocols?: readonly ClusterNetworkPolicyProtocol[];
}

export interface ClusterNetworkPolicyIngressRule extends ClusterNetworkPolicyRule {
  readonly from: readonly ClusterPolicyPeer[];
}

export interface ClusterNetworkPolicyEgressRule extends ClusterNetworkPolicyRule {
  readonly to: readonly ClusterPolicyPeer[];
}

/** The pods that a cluster-wide policy is about: exactly one of the fields. */
export interface ClusterPolicySubject {
  readonly namespaces?: LabelSelector;
  readonly pods?: NamespacedPods;
}

/** Pods by their own labels and those of their namespaces (`NamespacedPod` of the API). */
export interface NamespacedPods {
  readonly namespaceSelector: LabelSelector;
  readonly podSelector: LabelSelector;
}

/**
 * A peer of a cluster-wide policy: one of the fields. One with none of them is of a kind that is not known here, as of
 * a newer API: its rule has to fail closed.
 */
export interface ClusterPolicyPeer {
  readonly namespaces?: LabelSelector;
  readonly pods?: NamespacedPods;
  /** Only in `to`, as are the two below. */
  readonly nodes?: LabelSelector;
  readonly networks?: readonly string[];
  readonly domainNames?: readonly string[];
}

/** One of the fields; none of them means the same as in {@link ClusterPolicyPeer}. */
export interface ClusterNetworkPolicyProtocol {
  readonly tcp?: TransportMatch;
  readonly udp?: TransportMatch;
  readonly sctp?: TransportMatch;
  readonly destinationNamedPort?: string;
}

export interface TransportMatch {
  readonly destinationPort: DestinationPort;
}

/** Exactly one of the fields. */
export interface DestinationPort {
  readonly number?: number;
  readonly range?: { readonly start: number; readonly end: number };
}

/** policy.networking.k8s.io/v1alpha1 AdminNetworkPolicy, which became the tier Admin of ClusterNetworkPolicy. */
export interface AdminNetworkPolicy extends ClusterPolicyObject {
  readonly kind: "AdminNetworkPolicy";
  readonly spec: BaselineAdminNetworkPolicySpec & {
    /** 0 to 1000; the lowest is judged first. */
    readonly priority: number;
  };
}

/** policy.networking.k8s.io/v1alpha1 BaselineAdminNetworkPolicy, which became the tier Baseline. */
export interface BaselineAdminNetworkPolicy extends ClusterPolicyObject {
  readonly kind: "BaselineAdminNetworkPolicy";
  readonly spec: BaselineAdminNetworkPolicySpec;
}

export interface BaselineAdminNetworkPolicySpec {
  readonly subject: ClusterPolicySubject;
  readonly ingress?: readonly AdminNetworkPolicyIngressRule[];
  readonly egress?: readonly AdminNetworkPolicyEgressRule[];
}

/** Pass is not for BaselineAdminNetworkPolicy. */
export type AdminNetworkPolicyAction = "Allow" | "Deny" | "Pass";

interface AdminNetworkPolicyRule {
  readonly name?: string;
  readonly action: AdminNetworkPolicyAction;
  readonly ports?: readonly AdminNetworkPolicyPort[];
}

export interface AdminNetworkPolicyIngressRule extends AdminNetworkPolicyRule {
  readonly from: readonly ClusterPolicyPeer[];
}

export interface AdminNetworkPolicyEgressRule extends AdminNetworkPolicyRule {
  readonly to: readonly ClusterPolicyPeer[];
}

/** One of the fields; none of them means the same as in {@link ClusterPolicyPeer}. Protocols are TCP when absent. */
export interface AdminNetworkPolicyPort {
  readonly portNumber?: { readonly protocol?: TransportProtocol; readonly port: number };
  readonly portRange?: {
    readonly protocol?: TransportProtocol;
    readonly start: number;
    readonly end: number;
  };
  readonly namedPort?: string;
}

/** The policies of the whole cluster. */
export type ClusterPolicy = ClusterNetworkPolicy | AdminNetworkPolicy | BaselineAdminNetworkPolicy;

export type KubernetesObject =
  | Namespace
  | Node
  | Pod
  | Workload
  | NetworkPolicy
  | ClusterPolicy
  | PublishingObject;
