/** What is written in a way that will hurt one day. */
export const HYGIENE_CODES = {} as const;
