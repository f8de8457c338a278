/** What one sandbox is to do; its only argument, as JSON. */
export type EnforcementJob =
  | { readonly kind: "packets"; readonly generator: string; readonly scale: number; readonly brief: boolean }
  | { readonly kind: "changes"; readonly scale: number; readonly brief: boolean }
  /** Not in a sandbox of its own for its rules' sake, but so that the start's process is small before it. */
  | { readonly kind: "write objects"; readonly directory: string; readonly scale: number }
  | { readonly kind: "cold start"; readonly directory: string };
