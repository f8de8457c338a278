import type { EditedDocument, Plan, Refusal } from "./plan.ts";
import type { MapText, ScalarText } from "./text-tree.ts";
import { scalarText } from "./write-value.ts";

/** Puts another scalar in the place of one. */
export function setValue(
  { text, json }: EditedDocument,
  node: ScalarText,
  value: string | number | boolean,
): Plan | Refusal {
  if (node.tagged)
    return { why: `The value has a tag (${tagOf(text, node)}), which the new one may not fit.` };
  if (node.style === "block") return { why: "The value is a text of several lines, behind | or >." };
  // Quotes stay, as whoever wrote them likes them; a number or a boolean must lose them.
  const style = typeof value !== "string" ? "plain" : json ? "double" : node.style;
  return written(text, node, scalarText(value, style), value);
}

/** Puts a scalar in double quotes, as it is written. */
export function quoteValue({ text }: EditedDocument, node: ScalarText): Plan | Refusal {
  if (node.style !== "plain" && node.style !== "empty") return { why: "The value is in quotes already." };
  if (node.tagged) return { why: `The value has a tag (${tagOf(text, node)}), which says what it is.` };
  const value = text.slice(node.start, node.end);
  if (/[\n\r]/.test(value)) return { why: "The value goes over several lines." };
  return written(text, node, JSON.stringify(value), value);
}

function written(text: string, node: ScalarText, replacement: string, value: unknown): Plan {
  // Nothing stands there yet: only the colon or the dash, or the anchor after it.
  const space = node.style === "empty" && !/\s$/.test(text.slice(0, node.start)) ? " " : "";
  return {
    changes: [{ start: node.start, end: node.end, text: space + replacement }],
    effect: { kind: "set", node, value },
  };
}

function tagOf(text: string, node: ScalarText): string {
  return /!\S*(?=\s*(?:&\S+\s*)?$)/.exec(text.slice(0, node.start))?.[0] ?? "!";
}

/** Gives a key another name. */
export function renameField(
  _document: EditedDocument,
  parent: MapText,
  index: number,
  name: string,
): Plan | Refusal {
  const { key, name: oldName } = parent.fields[index]!;
  if (oldName === undefined) return { why: "The key is not a plain name." };
  if (parent.fields.some((field) => field.name === name)) return { why: `There is a field ${name} already.` };
  const changes = [{ start: key.start, end: key.end, text: scalarText(name, key.style) }];
  return { changes, effect: { kind: "rename", parent, index, name } };
}
