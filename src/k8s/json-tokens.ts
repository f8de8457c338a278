import type { Units } from "./source-text.ts";

// The tokens of JSON (RFC 8259) in code units or bytes. Beyond the end there is no unit, and no comparison holds.

/** The offset after the string that begins with the quote at `start`, or -1 if it is none. */
export function stringEnd(units: Units, start: number): number {
  for (let at = start + 1; ; at++) {
    const unit = units[at]!;
    if (unit === 34) return at + 1;
    if (!(unit >= 32)) return -1;
    if (unit === 92) {
      const escaped = units[++at]!;
      if (escaped === 117) {
        for (let digits = 0; digits < 4; digits++) if (!isHex(units[++at]!)) return -1;
      } else if (!isShortEscape(escaped)) return -1;
    }
  }
}

/** True for one of `"\/bfnrt`. */
export function isShortEscape(unit: number): boolean {
  switch (unit) {
    case 34:
    case 92:
    case 47:
    case 98:
    case 102:
    case 110:
    case 114:
    case 116:
      return true;
    default:
      return false;
  }
}

function isDigit(unit: number): boolean {
  return unit >= 48 && unit <= 57;
}

function isHex(unit: number): boolean {
  return isDigit(unit) || (unit >= 97 && unit <= 102) || (unit >= 65 && unit <= 70);
}

const WORDS = ["true", "false", "null"].map((word) => Array.from(word, (c) => c.charCodeAt(0)));

/** The offset after the number or word that begins at `start`, or -1 if it is none. */
export function wordEnd(units: Units, start: number): number {
  const unit = units[start]!;
  if (unit === 45 || isDigit(unit)) return numberEnd(units, start);
  for (const word of WORDS) {
    if (word[0] !== unit) continue;
    for (let i = 1; i < word.length; i++) if (units[start + i] !== word[i]) return -1;
    return start + word.length;
  }
  return -1;
}

function numberEnd(units: Units, start: number): number {
  let at = units[start] === 45 ? start + 1 : start;
  if (units[at] === 48) at++;
  else {
    const digits = at;
    while (isDigit(units[at]!)) at++;
    if (at === digits) return -1;
  }
  if (units[at] === 46) {
    const digits = ++at;
    while (isDigit(units[at]!)) at++;
    if (at === digits) return -1;
  }
  if (units[at] === 101 || units[at] === 69) {
    at++;
    if (units[at] === 43 || units[at] === 45) at++;
    const digits = at;
    while (isDigit(units[at]!)) at++;
    if (at === digits) return -1;
  }
  return at;
}
