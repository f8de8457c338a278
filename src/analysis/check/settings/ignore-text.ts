/** One entry of an annotation or a comment. */
export interface IgnoreText {
  readonly codes: readonly string[];
  /** Empty if there is none. */
  readonly reason: string;
}

/**
 * Reads `code: reason`, or several codes by comma before the colon. Several such entries stand on lines of their own, or
 * are parted by semicolons. Never fails: what names no code is an entry without codes.
 */
export function readIgnoreText(text: string): IgnoreText[] {
  return text
    .split(/[;\n]/)
    .map((entry) => entry.trim())
    .filter((entry) => entry !== "")
    .map((entry) => {
      const colon = entry.indexOf(":");
      const codes = (colon < 0 ? entry : entry.slice(0, colon)).split(",");
      return {
        codes: codes.map((code) => code.trim()).filter((code) => code !== ""),
        reason: colon < 0 ? "" : entry.slice(colon + 1).trim(),
      };
    });
}
