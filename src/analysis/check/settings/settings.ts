import type { Finding, Severity } from "../../../k8s/finding.ts";
import type { Position } from "../../../k8s/location.ts";

/** What somebody has decided about the findings of `podwall check`. */
export interface CheckSettings {
  /** From which severity on a finding makes the check fail; undefined where the settings do not say. */
  readonly failOn?: Severity | "never";
  /** By code: how bad its findings are, or that they are not wanted at all. */
  readonly levels: ReadonlyMap<string, Level>;
  readonly ignores: readonly Ignore[];
}

/** How bad findings are, or `off`. */
export type Level = Severity | "off";

export const NO_SETTINGS: CheckSettings = { levels: new Map(), ignores: [] };

/** Somebody says that findings are meant to be, and why. */
export interface Ignore {
  readonly codes: readonly string[];
  /** Empty where none was given: then it does not count. */
  readonly reason: string;
  /** Where it is said. */
  readonly position: Position;
  /** True if it stands beside what it is about: then it is told when there is nothing left to ignore. */
  readonly beside: boolean;
  /** True if it is about the place or the object of a finding, whatever its code. */
  readonly covers: (finding: Finding) => boolean;
}
