import type { Check } from "../check.ts";

/** What is written in a way that will hurt one day. */
export const HYGIENE_CHECKS: readonly Check[] = [];
