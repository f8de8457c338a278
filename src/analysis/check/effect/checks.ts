import type { Check } from "../check.ts";
import { redundantParts } from "./redundancy/redundant-parts.ts";
import { redundantPolicies } from "./redundancy/redundant-policies.ts";
import { peerSelectsNothing } from "./selections/peer-selects-nothing.ts";
import { policySelectsNothing } from "./selections/policy-selects-nothing.ts";
import { overriddenBaselineRule } from "./tiers/overridden-baseline-rule.ts";
import { shadowedRule } from "./tiers/shadowed-rule.ts";

/** Policies, rules and peers that do nothing. */
export const EFFECT_CHECKS: readonly Check[] = [
  policySelectsNothing,
  peerSelectsNothing,
  redundantParts,
  redundantPolicies,
  shadowedRule,
  overriddenBaselineRule,
];
