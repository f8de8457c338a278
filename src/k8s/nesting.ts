/** How deep values may be nested, in YAML and in JSON: deeper than any manifest, and no danger to the stack. */
export const MAX_DEPTH = 500;

/** What to say of a text whose values are nested deeper. */
export const TOO_DEEP: string = `Values are nested more than ${MAX_DEPTH} deep.`;
