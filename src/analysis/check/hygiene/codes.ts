/** What is written in a way that will hurt one day. */
export const HYGIENE_CODES = {
  "missing-namespace": {
    severity: "info",
    summary: "A policy or workload names no namespace, while others of the input do.",
  },
} as const;
