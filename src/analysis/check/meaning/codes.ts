/** Policies that mean something else than they look like. */
export const MEANING_CODES = {
  "or-instead-of-and": {
    severity: "warning",
    summary:
      "Two selectors are peers of their own, side by side, where one peer with both was probably meant.",
  },
  "pod-selector-in-other-namespace": {
    severity: "warning",
    summary:
      "A podSelector alone selects nothing in the policy's own namespace; in other namespaces there are such pods.",
  },
  "policy-types-missing-egress": {
    severity: "warning",
    summary: "A policy with egress rules and no policyTypes closes ingress as well.",
  },
  "deny-all-by-type": {
    severity: "info",
    summary: "A policy with rules for one direction closes the other altogether, by listing its type.",
  },
  "ignored-rules": {
    severity: "warning",
    summary: "A policy has rules for a direction that policyTypes does not list: they are never read.",
  },
  "empty-rules-ignored": {
    severity: "warning",
    summary: "An empty list of rules closes nothing, because its type is not in policyTypes.",
  },
  "empty-from": { severity: "warning", summary: "An empty from means everyone, not nobody." },
  "empty-to": { severity: "warning", summary: "An empty to means everyone, not nobody." },
  "empty-ports": { severity: "warning", summary: "An empty ports means every port, not none." },
  "empty-match-labels": {
    severity: "warning",
    summary: "matchLabels is written without labels, and so selects everything.",
  },
  "empty-namespace-selector": {
    severity: "info",
    summary: "namespaceSelector: {} is every namespace, not the policy's own.",
  },
  "subject-wider-than-name": {
    severity: "info",
    summary: "A policy that is called after one workload is about every pod of the namespace.",
  },
  "host-network-pods-selected": {
    severity: "warning",
    summary: "A selector chooses host-network pods, which are no pods to policies.",
  },
  "unknown-namespace": { severity: "warning", summary: "A policy names a namespace that does not exist." },
  "name-label": {
    severity: "warning",
    summary: "A namespace is asked for by a label that holds no name.",
  },
} as const;
