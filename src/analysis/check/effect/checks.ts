import type { Check } from "../check.ts";

/** Policies, rules and peers that do nothing. */
export const EFFECT_CHECKS: readonly Check[] = [];
