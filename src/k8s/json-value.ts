import { scanJson } from "./json-scan.ts";
import type { FieldPath } from "./location.ts";
import { setField, type TextProblem, UNREADABLE } from "./text-problem.ts";

/** A JSON value whose doubled keys are {@link UNREADABLE}. */
export interface JsonValue {
  readonly value: unknown;
  readonly problems: readonly TextProblem[];
}

/** Parses a JSON text in which a key may be there twice, which `JSON.parse` settles in silence. */
export function parseSuspectJson(text: string): JsonValue {
  const scan = scanJson(text, 0);
  if ("message" in scan) return { value: UNREADABLE, problems: [{ code: "json-syntax", ...scan }] };
  const value: unknown = JSON.parse(text);
  for (const { path } of scan.duplicates) markUnreadable(value, path);
  return {
    value,
    problems: scan.duplicates.map(({ offset, path }) => ({
      code: "duplicate-key",
      offset,
      message: `${String(path.at(-1))} is written twice in the same object.`,
      help: "Keep one of the two: Kubernetes refuses both, and other tools pick either.",
    })),
  };
}

function markUnreadable(value: unknown, path: FieldPath): void {
  let parent = value as Record<string, unknown>;
  for (const step of path.slice(0, -1)) {
    const child = Object.hasOwn(parent, step) ? parent[step] : undefined;
    // A doubled key further up, or a value that `JSON.parse` dropped with its key.
    if (typeof child !== "object" || child === null) return;
    parent = child as Record<string, unknown>;
  }
  setField(parent, String(path.at(-1)), UNREADABLE);
}
