/** Deep equality of plain values, without regard to origins and to the order of keys. */
export function sameContent(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a)) {
    if (!Array.isArray(b) || a.length !== b.length) return false;
    for (let i = 0; i < a.length; i++) if (!sameContent(a[i], b[i])) return false;
    return true;
  }
  if (Array.isArray(b)) return false;
  // Two clusters have a hundred thousand objects to compare: no list of keys is made.
  let keys = 0;
  for (const key in a) {
    if (key === "origin") continue;
    keys++;
    if (!Object.hasOwn(b, key)) return false;
    if (!sameContent((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key])) return false;
  }
  for (const key in b) if (key !== "origin") keys--;
  return keys === 0;
}
