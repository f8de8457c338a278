import { MAX_DEPTH } from "./nesting.ts";

/** How js-yaml reads: nesting deeper than any manifest is refused before it can exhaust the stack. */
export const YAML_PARSER_OPTIONS: { readonly maxDepth: number } = { maxDepth: MAX_DEPTH };
