import type { InputOptions } from "./input.ts";

/** The options of `podwall lab`, as they are handed to the process inside the sandbox. */
export interface LabOptions extends InputOptions {
  readonly external?: readonly string[];
  readonly showRules?: boolean;
  readonly keep?: boolean;
  readonly output: "text" | "json";
}

/** What the process inside tells the one outside. */
export type LabMessage = { readonly kind: "up"; readonly pods: Readonly<Record<string, string>> };
