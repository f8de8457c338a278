import type { Check } from "../check.ts";

/** What is more open than it should be. */
export const OPENNESS_CHECKS: readonly Check[] = [];
