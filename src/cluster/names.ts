/** Orders names as people count: `db-2` before `db-10`. Total: different names never compare equal. */
export function compareNames(a: string, b: string): number {
  if (a === b) return 0;
  const shared = Math.min(a.length, b.length);
  let i = 0;
  while (i < shared) {
    if (a.charCodeAt(i) === b.charCodeAt(i)) {
      i++;
      continue;
    }
    let start = i;
    while (start > 0 && isDigit(a, start - 1)) start--;
    const endA = endOfDigits(a, start);
    const endB = endOfDigits(b, start);
    if (endA > start && endB > start) {
      const difference = compareDigits(a.slice(start, endA), b.slice(start, endB));
      if (difference !== 0) return difference;
      // The same number with more zeros in front: what follows decides, and only then the zeros.
      return compareNames(a.slice(endA), b.slice(endB)) || endA - endB;
    }
    // Where one has a number and the other goes on with text, the text that ends is the smaller one.
    if (isDigit(a, i) !== isDigit(b, i)) return isDigit(a, i) ? -1 : 1;
    return a.charCodeAt(i) - b.charCodeAt(i);
  }
  return a.length - b.length;
}

function isDigit(text: string, index: number): boolean {
  const code = text.charCodeAt(index);
  return code >= 48 && code <= 57;
}

function endOfDigits(text: string, start: number): number {
  let end = start;
  while (isDigit(text, end)) end++;
  return end;
}

/** Compares numbers of any length. */
function compareDigits(a: string, b: string): number {
  const plainA = a.replace(/^0+/, "");
  const plainB = b.replace(/^0+/, "");
  if (plainA.length !== plainB.length) return plainA.length - plainB.length;
  return plainA < plainB ? -1 : plainA > plainB ? 1 : 0;
}
