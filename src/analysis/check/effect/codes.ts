/** Policies, rules and peers that do nothing. */
export const EFFECT_CODES = {
  "policy-selects-nothing": {
    severity: "warning",
    summary: "A policy is about no pod, so that traffic is as if it were not there.",
  },
  "peer-selects-nothing": {
    severity: "warning",
    summary: "A peer of a rule matches nobody.",
  },
  "redundant-policy": {
    severity: "info",
    summary: "Other policies isolate the same pods and allow all that this policy allows.",
  },
  "redundant-rule": {
    severity: "info",
    summary: "Other rules allow all that this rule allows.",
  },
  "duplicate-policy": {
    severity: "warning",
    summary: "Two policies of a namespace say the same under different names.",
  },
  "redundant-peer": {
    severity: "info",
    summary: "A peer matches nobody whom another peer of the rule does not match.",
  },
  "redundant-port": {
    severity: "info",
    summary: "A port of a rule is among its other ports already.",
  },
  "shadowed-rule": {
    severity: "warning",
    summary: "Earlier rules of the tier decide all that this rule is about, so that it is never asked.",
  },
  "overridden-baseline-rule": {
    severity: "info",
    summary: "NetworkPolicies isolate every pod that rules of the tier Baseline are about.",
  },
} as const;
