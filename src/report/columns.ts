/** One cell of a table: what is seen, and how it is set off. Widths are those of the text alone. */
export interface Cell {
  readonly text: string;
  readonly style?: (text: string) => string;
}

/** Lines of cells that stand under each other, two spaces apart; the last of a line is not filled up. */
export function inColumns(rows: readonly (readonly Cell[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [i, { text }] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, text.length);
  }
  return rows.map((row) =>
    row
      .map(({ text, style = same }, i) => {
        const gap = i === row.length - 1 ? 0 : widths[i]! - text.length;
        return `${style(text)}${" ".repeat(gap)}`;
      })
      .join("  "),
  );
}

const same = (text: string): string => text;
