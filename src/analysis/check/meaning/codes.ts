/** Policies that mean something else than they look like. */
export const MEANING_CODES = {
  "or-instead-of-and": {
    severity: "warning",
    summary:
      "Two selectors are peers of their own, side by side, where one peer with both was probably meant.",
  },
} as const;
