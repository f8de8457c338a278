import type { Finding, Severity } from "../k8s/finding.ts";
import type { Position } from "../k8s/location.ts";
import { countBySeverity } from "./check-summary.ts";
import type { CheckReport } from "./check-text.ts";

/** `podwall.check/v1`: what `podwall check -o json` prints. See `schemas/podwall.check.v1.schema.json`. */
export interface CheckJson {
  readonly schema: "podwall.check/v1";
  readonly findings: readonly FindingJson[];
  readonly ignored: readonly (FindingJson & { readonly ignoredBy: PlaceJson; readonly reason: string })[];
  readonly summary: {
    readonly errors: number;
    readonly warnings: number;
    readonly infos: number;
    readonly ignored: number;
    readonly files: number;
    readonly policies: number;
    readonly pods: number;
  };
}

/** Line and column are missing where there is no text behind a place. */
export interface PlaceJson {
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
}

export interface FindingJson extends PlaceJson {
  readonly code: string;
  readonly severity: Severity;
  readonly object?: string;
  readonly message: string;
  readonly help?: string;
  readonly related?: readonly (PlaceJson & { readonly message: string })[];
  readonly fix?: { readonly title: string; readonly safe: boolean };
}

export function checkJson({ findings, ignored, input }: CheckReport): CheckJson {
  const counts = countBySeverity(findings);
  return {
    schema: "podwall.check/v1",
    findings: findings.map(findingJson),
    ignored: ignored.map(({ finding, ignore }) => ({
      ...findingJson(finding),
      ignoredBy: placeJson(ignore.position),
      reason: ignore.reason,
    })),
    summary: {
      errors: counts.error,
      warnings: counts.warning,
      infos: counts.info,
      ignored: ignored.length,
      ...input,
    },
  };
}

function findingJson({
  code,
  severity,
  position,
  object,
  message,
  help,
  related,
  fix,
}: Finding): FindingJson {
  return {
    code,
    severity,
    ...placeJson(position),
    ...(object === undefined ? {} : { object }),
    message,
    ...(help === undefined ? {} : { help }),
    ...(related === undefined || related.length === 0
      ? {}
      : { related: related.map((place) => ({ ...placeJson(place.position), message: place.message })) }),
    ...(fix === undefined ? {} : { fix: { title: fix.title, safe: fix.safe } }),
  };
}

function placeJson({ file, line, column }: Position): PlaceJson {
  return line === 0 ? { file } : { file, line, column };
}
