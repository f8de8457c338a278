/** What is more open than it should be. */
export const OPENNESS_CODES = {} as const;
