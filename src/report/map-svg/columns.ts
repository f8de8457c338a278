/** Longer chains of arrows than this go back to where there is room. */
const MOST_COLUMNS = 6;

/**
 * A column for each node that has an arrow, so that most arrows go from left to right. Takes the number of nodes, and
 * arrows as pairs of them; nodes without an arrow get -1.
 */
export function assignColumns(
  count: number,
  arrows: readonly (readonly [from: number, to: number])[],
): number[] {
  const next: Set<number>[] = Array.from({ length: count }, () => new Set());
  const arriving: number[] = Array.from({ length: count }, () => 0);
  for (const [from, to] of arrows) {
    if (from === to || next[from]!.has(to)) continue;
    next[from]!.add(to);
    arriving[to]!++;
  }
  const forward = withoutCycles(next, arriving);
  const columns = longestPaths(forward);
  const isUsed = (node: number): boolean => next[node]!.size > 0 || arriving[node]! > 0;
  // Who is reached by nobody stands right before the first that it reaches, not far to the left.
  for (const [node, targets] of forward.entries()) {
    if (arriving[node] === 0 && targets.length > 0) {
      columns[node] = Math.max(0, Math.min(...targets.map((to) => columns[to]!)) - 1);
    }
  }
  return columns.map((column, node) => (isUsed(node) ? Math.min(column, MOST_COLUMNS - 1) : -1));
}

/** The arrows without those that lead back to where a walk along them came from. */
function withoutCycles(next: readonly ReadonlySet<number>[], arriving: readonly number[]): number[][] {
  const forward: number[][] = next.map(() => []);
  const state: ("new" | "open" | "done")[] = next.map(() => "new");
  // From those that mostly send: an arrow back to them is the one that is turned.
  const roots = [...next.keys()].sort(
    (a, b) => next[b]!.size - arriving[b]! - (next[a]!.size - arriving[a]!) || a - b,
  );
  for (const root of roots) {
    if (state[root] !== "new") continue;
    state[root] = "open";
    // With its own stack: a chain may be longer than what functions can call each other.
    const path = [{ node: root, left: [...next[root]!] }];
    while (path.length > 0) {
      const { node, left } = path.at(-1)!;
      const to = left.shift();
      if (to === undefined) {
        state[node] = "done";
        path.pop();
      } else if (state[to] !== "open") {
        forward[node]!.push(to);
        if (state[to] === "new") {
          state[to] = "open";
          path.push({ node: to, left: [...next[to]!] });
        }
      }
    }
  }
  return forward;
}

/** For each node, how many arrows the longest way to it has. */
function longestPaths(forward: readonly (readonly number[])[]): number[] {
  const missing = forward.map(() => 0);
  for (const targets of forward) for (const to of targets) missing[to]!++;
  const lengths = forward.map(() => 0);
  const ready = [...forward.keys()].filter((node) => missing[node] === 0);
  for (let node = ready.shift(); node !== undefined; node = ready.shift()) {
    for (const to of forward[node]!) {
      lengths[to] = Math.max(lengths[to]!, lengths[node]! + 1);
      if (--missing[to]! === 0) ready.push(to);
    }
  }
  return lengths;
}
