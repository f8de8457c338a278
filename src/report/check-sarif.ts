import type { Finding, Severity } from "../k8s/finding.ts";
import type { Position } from "../k8s/location.ts";
import type { CheckReport } from "./check-text.ts";

/** What is told of a code besides its findings. */
export interface RuleWords {
  /** One line. */
  readonly summary: string;
  /** Markdown; undefined where there is no page. */
  readonly page?: string | undefined;
  readonly severity: Severity;
}

/** The part of SARIF 2.1.0 (OASIS) that is written here. */
export interface SarifLog {
  readonly $schema: string;
  readonly version: "2.1.0";
  readonly runs: readonly [SarifRun];
}

interface SarifRun {
  readonly tool: { readonly driver: SarifDriver };
  /** Columns count UTF-16 code units, as ours do. */
  readonly columnKind: "utf16CodeUnits";
  readonly results: readonly SarifResult[];
}

interface SarifDriver {
  readonly name: "podwall";
  readonly version: string;
  readonly rules: readonly SarifRule[];
}

interface SarifRule {
  readonly id: string;
  readonly shortDescription: SarifText;
  readonly help: SarifText;
  readonly defaultConfiguration: { readonly level: SarifLevel };
}

interface SarifText {
  readonly text: string;
  readonly markdown?: string;
}

type SarifLevel = "error" | "warning" | "note";

interface SarifResult {
  readonly ruleId: string;
  readonly ruleIndex: number;
  readonly level: SarifLevel;
  readonly message: SarifText;
  readonly locations: readonly SarifLocation[];
  readonly relatedLocations?: readonly SarifLocation[];
  readonly suppressions?: readonly {
    readonly kind: "inSource" | "external";
    readonly justification: string;
  }[];
}

interface SarifLocation {
  readonly id?: number;
  readonly message?: SarifText;
  readonly physicalLocation: {
    readonly artifactLocation: { readonly uri: string };
    readonly region?: { readonly startLine: number; readonly startColumn: number };
  };
  readonly logicalLocations?: readonly { readonly fullyQualifiedName: string; readonly kind: "resource" }[];
}

const LEVELS: Readonly<Record<Severity, SarifLevel>> = { error: "error", warning: "warning", info: "note" };

/** Findings as SARIF 2.1.0. What is ignored is there too, as suppressed. `wordsOf` tells what a code means. */
export function checkSarif(
  { findings, ignored }: CheckReport,
  version: string,
  wordsOf: (code: string) => RuleWords,
): SarifLog {
  const codes = [
    ...new Set([...findings, ...ignored.map(({ finding }) => finding)].map(({ code }) => code)),
  ].sort();
  const places = new Map(codes.map((code, place) => [code, place]));
  return {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: {
          driver: { name: "podwall", version, rules: codes.map((code) => ruleOf(code, wordsOf(code))) },
        },
        columnKind: "utf16CodeUnits",
        results: [
          ...findings.map((finding) => resultOf(finding, places)),
          ...ignored.map(({ finding, ignore }) => ({
            ...resultOf(finding, places),
            suppressions: [
              {
                kind: ignore.beside ? ("inSource" as const) : ("external" as const),
                justification: ignore.reason,
              },
            ],
          })),
        ],
      },
    ],
  };
}

function ruleOf(id: string, { summary, page, severity }: RuleWords): SarifRule {
  return {
    id,
    shortDescription: { text: summary },
    help: page === undefined ? { text: summary } : { text: page, markdown: page },
    defaultConfiguration: { level: LEVELS[severity] },
  };
}

function resultOf(finding: Finding, places: ReadonlyMap<string, number>): SarifResult {
  const { code, severity, position, object, message, help, related = [] } = finding;
  const text = [object === undefined ? message : `${object}: ${message}`, help].filter(Boolean).join(" ");
  return {
    ruleId: code,
    ruleIndex: places.get(code)!,
    level: LEVELS[severity],
    message: { text },
    locations: [
      {
        ...locationOf(position),
        ...(object === undefined
          ? {}
          : { logicalLocations: [{ fullyQualifiedName: object, kind: "resource" as const }] }),
      },
    ],
    ...(related.length === 0
      ? {}
      : {
          relatedLocations: related.map((place, index) => ({
            id: index + 1,
            message: { text: place.message },
            ...locationOf(place.position),
          })),
        }),
  };
}

function locationOf({ file, line, column }: Position): SarifLocation {
  return {
    physicalLocation: {
      artifactLocation: { uri: uriOf(file) },
      ...(line === 0 ? {} : { region: { startLine: line, startColumn: column } }),
    },
  };
}

/** A path as a reference relative to where the tool ran; an absolute one as a file URI (RFC 8089). */
function uriOf(file: string): string {
  const path = file.replace(/^\.\//, "").split("/").map(encodeURIComponent).join("/");
  return file.startsWith("/") ? `file://${path}` : path;
}
