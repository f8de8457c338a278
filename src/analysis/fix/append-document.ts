import { lineBreakOf } from "./text-change.ts";
import { type BlockStyle, blockText } from "./write-value.ts";

/** A document that others follow: in which language it is written, and how it is indented if that can be seen. */
export interface LastDocument {
  readonly json: boolean;
  readonly style: BlockStyle | undefined;
}

/** What is written behind a text to add a document to it. `last` is the last one in it, if there is any. */
export function appendedText(text: string, value: unknown, last: LastDocument | undefined): string {
  const lineBreak = lineBreakOf(text);
  const style = last?.style ?? { indent: 2, indentLists: false };
  const separator = text === "" || /\n$/.test(text) ? "" : lineBreak;
  const document =
    last?.json === true
      ? JSON.stringify(value, null, style.indent)
      : (last === undefined ? "" : "---\n") + blockText(value, style);
  return separator + document.replaceAll("\n", lineBreak) + lineBreak;
}
