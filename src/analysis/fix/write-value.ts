import { stringify } from "yaml";
import { resolvePlainScalar } from "../../k8s/yaml-scalar.ts";
import type { ScalarStyle } from "./text-tree.ts";

/** How the lines of a YAML document are indented, as far as it shows. */
export interface BlockStyle {
  readonly indent: number;
  /** True if the dashes of a list stand deeper than the key that it belongs to. */
  readonly indentLists: boolean;
}

/** A value as lines of YAML, not indented, without a line end after the last. */
export function blockText(value: unknown, { indent, indentLists }: BlockStyle): string {
  const text = stringify(value, {
    indent,
    indentSeq: indentLists,
    lineWidth: 0,
    // Quotes what kubectl would read as a boolean or a number, such as y and 0777.
    compat: "yaml-1.1",
    aliasDuplicateObjects: false,
  });
  return text.replace(/\n$/, "");
}

/** How what stands in braces and brackets is written. */
export interface FlowStyle {
  /** True if keys are in double quotes, as JSON wants it. */
  readonly quoted: boolean;
  /** True for a space after colons and commas. */
  readonly spaced: boolean;
}

/** A value on one line, in braces and brackets. */
export function flowText(value: unknown, style: FlowStyle): string {
  const space = style.spaced ? " " : "";
  if (Array.isArray(value)) return `[${value.map((item) => flowText(item, style)).join(`,${space}`)}]`;
  if (typeof value === "object" && value !== null) {
    const fields = Object.entries(value).map((entry) => fieldText(...entry, style));
    return `{${fields.join(`,${space}`)}}`;
  }
  return scalarText(value, style.quoted ? "double" : "plain");
}

/** A field in braces. */
export function fieldText(name: string, value: unknown, style: FlowStyle): string {
  // Without the space, YAML would read a key without quotes and its value as one text.
  const space = style.spaced || !style.quoted ? " " : "";
  return `${scalarText(name, style.quoted ? "double" : "plain")}:${space}${flowText(value, style)}`;
}

/** A scalar in the style of the one that it replaces, as far as it can be written so. */
export function scalarText(value: unknown, style: ScalarStyle): string {
  if (typeof value !== "string") return JSON.stringify(value);
  if (style === "single" && /^[^\n\r]*$/.test(value)) return `'${value.replaceAll("'", "''")}'`;
  return style !== "double" && canBePlain(value) ? value : JSON.stringify(value);
}

/** True if a text needs no quotes anywhere in YAML: it is read as text by YAML 1.1 and 1.2, and ends nothing. */
function canBePlain(text: string): boolean {
  return (
    /^[A-Za-z0-9/_][\w./+:-]*$/.test(text) &&
    !text.endsWith(":") &&
    !/^[\d.:_+-]*$/.test(text) &&
    resolvePlainScalar(text) === text
  );
}
