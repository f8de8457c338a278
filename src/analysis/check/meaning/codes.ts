/** Policies that mean something else than they look like. */
export const MEANING_CODES = {
  "or-instead-of-and": {
    severity: "warning",
    summary:
      "Two selectors are peers of their own, side by side, where one peer with both was probably meant.",
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
} as const;
