/** Where a column is. */
interface Span {
  readonly left: number;
  readonly right: number;
}

/**
 * The path of an arrow through the columns of its way, at these heights: it leaves its first box on the right side,
 * passes columns in straight lines, bends between them, and ends at the left side of its last box.
 */
export function routePath(
  way: readonly { readonly column: number }[],
  ys: readonly number[],
  columns: readonly Span[],
): string {
  const isBack = way.length > 2 && way[1]!.column === way[0]!.column;
  let x = columns[way[0]!.column]!.right;
  let y = ys[0]!;
  const parts = [`M${rounded(x)} ${rounded(y)}`];
  const bend = (toX: number, toY: number, reach: number): void => {
    if (Math.abs(toY - y) < 0.5 && reach === 0) parts.push(`H${rounded(toX)}`);
    else {
      const [first, second] = reach === 0 ? [(x + toX) / 2, (x + toX) / 2] : [x + reach, toX + reach];
      parts.push(
        `C${rounded(first)} ${rounded(y)} ${rounded(second)} ${rounded(toY)} ${rounded(toX)} ${rounded(toY)}`,
      );
    }
    x = toX;
    y = toY;
  };
  for (let i = 1; i < way.length; i++) {
    const { left, right } = columns[way[i]!.column]!;
    const isLast = i === way.length - 1;
    if (isBack && i === 1) bend(right, ys[i]!, TURN);
    else if (isBack && isLast) bend(left, ys[i]!, -TURN);
    else if (isBack) bend(right, ys[i]!, 0);
    else bend(left, ys[i]!, 0);
    if (isLast) continue;
    x = isBack ? left : right;
    parts.push(`H${rounded(x)}`);
  }
  return parts.join("");
}

/** How far an arrow reaches out where it turns back. */
const TURN = 34;

function rounded(value: number): string {
  return String(Math.round(value * 10) / 10);
}
