import type { Check } from "../check.ts";
import { redundantParts } from "./redundancy/redundant-parts.ts";
import { redundantPolicies } from "./redundancy/redundant-policies.ts";

/** Policies, rules and peers that do nothing. */
export const EFFECT_CHECKS: readonly Check[] = [redundantParts, redundantPolicies];
