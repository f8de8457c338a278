/**
 * Trims the lists anywhere in a plain value that nobody has seen yet: V8 leaves room for sixteen more elements in a list
 * that grew one by one, which is most of what ten thousand policies take.
 */
export function trimLists(value: object): void {
  const fields = value as Record<string, unknown>;
  for (const key in fields) {
    const field = fields[key];
    if (typeof field !== "object" || field === null || Object.isFrozen(field)) continue;
    const trimmed: object = Array.isArray(field) ? field.slice() : field;
    if (trimmed !== field) fields[key] = trimmed;
    trimLists(trimmed);
  }
}
