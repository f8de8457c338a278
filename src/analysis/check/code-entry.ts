import type { Severity } from "../../k8s/finding.ts";

/** What is always the same about the findings of a code. */
export interface CodeEntry {
  /** How bad they are, unless the finding itself or the settings say otherwise. */
  readonly severity: Severity;
  /** One line that says what it means. `docs/checks/CODE.md` tells more. */
  readonly summary: string;
}
