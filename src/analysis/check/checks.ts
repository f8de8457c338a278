import type { Check } from "./check.ts";
import { EFFECT_CHECKS } from "./effect/checks.ts";
import { HYGIENE_CHECKS } from "./hygiene/checks.ts";
import { MEANING_CHECKS } from "./meaning/checks.ts";
import { OPENNESS_CHECKS } from "./openness/checks.ts";
import { TRAFFIC_CHECKS } from "./traffic/checks.ts";

/** Every check. */
export const CHECKS: readonly Check[] = [
  ...MEANING_CHECKS,
  ...TRAFFIC_CHECKS,
  ...EFFECT_CHECKS,
  ...OPENNESS_CHECKS,
  ...HYGIENE_CHECKS,
];
