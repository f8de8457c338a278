import { skipJsonSpace } from "../../k8s/json-scan.ts";
import { stringEnd, wordEnd } from "../../k8s/json-tokens.ts";
import { stringText } from "../../k8s/source-text.ts";
import type { FieldText, ItemText, ScalarText, TextNode } from "./text-tree.ts";

/** Where everything is in a text that is known to be one JSON value, perhaps with space around it. */
export function jsonTree(text: string): TextNode {
  const units = stringText(text).units();
  let at = skipJsonSpace(text, 0);

  function scalar(): ScalarText {
    const start = at;
    const quoted = text.charCodeAt(start) === 34;
    const end = quoted ? stringEnd(units, start) : wordEnd(units, start);
    if (end < 0) throw new Error(`no JSON value at offset ${start}`);
    at = end;
    return { kind: "scalar", style: quoted ? "double" : "plain", start, end, place: start, tagged: false };
  }

  /** Steps over white space and a comma, if there is one. */
  function next(): void {
    at = skipJsonSpace(text, at);
    if (text.charAt(at) === ",") at = skipJsonSpace(text, at + 1);
  }

  function field(): FieldText {
    const key = scalar();
    const colonEnd = skipJsonSpace(text, at) + 1;
    at = skipJsonSpace(text, colonEnd);
    const value = node();
    const name = JSON.parse(text.slice(key.start, key.end)) as string;
    return { key, name, colonEnd, value, start: key.start, end: value.end };
  }

  function node(): TextNode {
    const start = at;
    const bracket = text.charAt(start);
    if (bracket !== "{" && bracket !== "[") return scalar();
    const fields: FieldText[] = [];
    const items: ItemText[] = [];
    at = skipJsonSpace(text, start + 1);
    for (; !"}]".includes(text.charAt(at)); next()) {
      if (bracket === "{") {
        fields.push(field());
      } else {
        const value = node();
        items.push({ value, start: value.start, end: value.end });
      }
    }
    const written = { start, end: ++at, place: start, tagged: false, flow: true };
    return bracket === "{" ? { kind: "map", ...written, fields } : { kind: "list", ...written, items };
  }

  return node();
}
