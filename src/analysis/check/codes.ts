import type { CodeEntry } from "./code-entry.ts";
import { EFFECT_CODES } from "./effect/codes.ts";
import { HYGIENE_CODES } from "./hygiene/codes.ts";
import { MEANING_CODES } from "./meaning/codes.ts";
import { OPENNESS_CODES } from "./openness/codes.ts";
import { TRAFFIC_CODES } from "./traffic/codes.ts";

/** The stable name of a kind of finding of `podwall check` that is not about the validity of the input. */
export type CheckCode =
  | keyof typeof MEANING_CODES
  | keyof typeof TRAFFIC_CODES
  | keyof typeof EFFECT_CODES
  | keyof typeof OPENNESS_CODES
  | keyof typeof HYGIENE_CODES;

/** Every such kind. */
export const CHECK_CODES: Readonly<Record<CheckCode, CodeEntry>> = {
  ...MEANING_CODES,
  ...TRAFFIC_CODES,
  ...EFFECT_CODES,
  ...OPENNESS_CODES,
  ...HYGIENE_CODES,
};
