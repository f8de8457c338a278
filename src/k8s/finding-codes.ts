import type { Finding } from "./finding.ts";

/** Every kind of finding about the input, with one line that says what it means. */
export const FINDING_CODES = {
  // Files and folders
  "path-not-found": "A file or folder that was named does not exist.",
  "empty-directory": "A folder holds no *.yaml, *.yml or *.json file.",
  "no-permission": "A file or folder may not be read by this user.",
  "unreadable-file": "Reading a file or folder failed for another reason, such as a broken disk.",
  "too-large": "A file is too large to be read as one manifest.",
  "not-text": "The content is not text (UTF-8, or UTF-16 with a byte order mark).",
  // Text to values
  "yaml-syntax": "The text is not YAML.",
  "yaml-tab": "A line is indented with a tab, which YAML forbids.",
  "yaml-aliases": "Aliases expand to more than can be meant, or an anchor contains itself.",
  "json-syntax": "The text is not JSON.",
  "duplicate-key": "A mapping has the same key twice.",
  "policy-unreadable": "A text that cannot be parsed holds a policy; its pods cannot be closed.",
  // Objects
  "not-an-object": "A document is no Kubernetes object: it has no apiVersion or no kind.",
  "unsupported-kind":
    "A policy of a kind or group that is not evaluated: what it says is missing from the answers.",
  "unsupported-version": "An apiVersion in which this kind is not, or no longer, served.",
  "duplicate-object": "An object of the same kind, namespace and name was already read.",
  // Fields
  "missing-field": "A required field is missing.",
  "wrong-type": "A value has the wrong type, such as a text where a list is expected.",
  "unknown-field": "An object has a field that does not exist there.",
  "unknown-value": "A value is none of the few that are allowed.",
  "bad-name": "A name is not valid in Kubernetes.",
  "bad-label": "A label's key or value is not valid.",
  "label-not-string": "A label's value was read as a number or a boolean.",
  "empty-label-value": "A label has no value; Kubernetes reads it as the empty text.",
  "annotations-too-large": "The annotations of an object have more than 256 KiB in all.",
  "bad-address": "A text is not an IP address.",
  "too-many-addresses": "A pod has more than one address of an IP family.",
  "too-many-pod-cidrs": "A node has more than one block for pods of an IP family.",
  "pod-cidr-mismatch": "A node's podCIDR is not the first of its podCIDRs.",
  "bad-replicas": "A number of replicas is negative or not whole.",
  "too-many-replicas": "A number of replicas is higher than any cluster could run.",
  "selector-mismatch": "A workload's selector is empty, or does not select its own pod template.",
  // NetworkPolicy
  "empty-list-item": "A list holds an empty item, which Kubernetes would read as one without limits.",
  "empty-selector-value": "A selector asks for a label without saying its value.",
  "unknown-operator": "A matchExpressions operator is none of In, NotIn, Exists, DoesNotExist.",
  "operator-values": "A matchExpressions entry has values where it must not, or none where it must.",
  "unknown-policy-type": "A policy type is neither Ingress nor Egress.",
  "too-many-policy-types": "policyTypes has more than two entries.",
  "unknown-protocol": "A protocol is none of TCP, UDP, SCTP.",
  "bad-port": "A port is not between 1 and 65535, or is a number in quotes.",
  "bad-port-name": "A port name is not an IANA service name.",
  "end-port-below-port": "endPort is below port.",
  "end-port-without-port": "endPort is given without port.",
  "end-port-named": "endPort is given with a named port.",
  "empty-peer": "A peer of from or to is empty.",
  "ip-block-with-selector": "A peer has an ipBlock and a selector at once.",
  "bad-cidr": "A text is not a CIDR.",
  "cidr-not-canonical": "A CIDR is not in its canonical form.",
  "except-outside-cidr": "An except is not inside its cidr.",
  "except-covers-cidr": "An except is as large as its cidr, or larger.",
  // Policies of the whole cluster
  "cluster-scoped": "A policy of the whole cluster names a namespace, which changes nothing.",
  "every-namespace": "Pods are selected without a namespaceSelector, which means those of every namespace.",
  "bad-priority": "A priority is not a whole number between 0 and 1000.",
  "one-of": "A mapping has more than one of the fields of which it may have one, or none where it needs one.",
  "empty-list": "A list is empty where at least one item is needed.",
  "too-many-items": "A list has more items than the API allows.",
  "duplicate-item": "A list in which every item must differ has one twice.",
  "equal-priorities": "Policies of a tier have the same priority, and the order between them matters.",
  "rule-name-too-long": "The name of a rule has more than 100 characters.",
  "unknown-matcher":
    "A peer or a protocol of a kind that is not known, as of a newer API: its rule fails closed.",
  "bad-port-range": "A range of ports does not end above its start.",
  "bad-domain-name": "A text is not a domain name, with or without *. before it.",
  "domain-names-action": "Domain names are peers of a rule that denies or passes; they can only be accepted.",
  "needs-resolver": "Domain names match nothing: nothing resolves them here.",
  "named-port-without-pods":
    "A named port is asked of peers that have no port names: nodes, networks or domains.",
} as const;

/** The stable name of a kind of finding. */
export type FindingCode = keyof typeof FINDING_CODES;

/** A finding of this room: its code is one of {@link FINDING_CODES}. */
export interface InputFinding extends Finding {
  readonly code: FindingCode;
}
