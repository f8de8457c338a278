/** Policies, rules and peers that do nothing. */
export const EFFECT_CODES = {} as const;
