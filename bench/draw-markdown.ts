import { failureLines } from "./report-text.ts";
import type { Failure } from "./result.ts";
import type { Table } from "./tables.ts";

/** A table whose first column stands to the left and whose others stand to the right. */
export function drawMarkdown({ head, rows }: Table): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(escapeCell).join(" | ")} |`;
  return [
    line(head),
    `|${head.map((_, column) => (column === 0 ? "---" : "---:")).join("|")}|`,
    ...rows.map(line),
  ].join("\n");
}

function escapeCell(text: string): string {
  return text.replaceAll("|", "\\|");
}

/** What did not come to an end, as a paragraph; none if all did. */
export function failureParagraph(failures: readonly Failure[]): string[] {
  return failures.length === 0 ? [] : [failureLines(failures).join("\\\n")];
}
