import { plainLine } from "../map-graph/words.ts";

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** The text for XML and HTML, between tags or as a quoted attribute, without characters that XML cannot hold. */
export function xmlText(text: string): string {
  return plainLine(text).replace(/[&<>"']/g, (character) => ESCAPES[character]!);
}
