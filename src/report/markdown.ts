// Text of others inside Markdown as GitHub reads it.

/** Text as a code span, also within a cell of a table. */
export function markdownCode(text: string): string {
  const line = text.replaceAll(/\s+/g, " ");
  const longest = Math.max(0, ...[...line.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = "`".repeat(longest + 1);
  const pad = line.startsWith("`") || line.endsWith("`") ? " " : "";
  return `${fence}${pad}${line.replaceAll("|", "\\|")}${pad}${fence}`;
}

/** Text as it is, also within a cell of a table. Nobody is mentioned by it. */
export function markdownText(text: string): string {
  return (
    text
      .replaceAll(/\s+/g, " ")
      .replaceAll(/[\\`*_{}[\]<>#|~]/g, "\\$&")
      .replaceAll("&", "&amp;")
      // A space of no width, without which GitHub notifies whoever has the name.
      .replaceAll("@", "@\u200b")
  );
}

/** A row of a table. */
export function markdownRow(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |\n`;
}
