import { stringify } from "yaml";
import type { Random } from "../../generators/random.ts";
import type { Mutant } from "./mutations.ts";
import { Literal, YAML_SCALARS } from "./values.ts";

/** A manifest as it is sent, and as what. */
export interface ManifestText {
  readonly text: string;
  readonly type: "application/json" | "application/yaml";
}

/** The mutant as JSON. */
export function jsonText({ value, twice }: Mutant): ManifestText {
  return { text: jsonOf(value, [], twice), type: "application/json" };
}

function jsonOf(value: unknown, path: readonly (string | number)[], twice: Mutant["twice"]): string {
  if (value instanceof Literal) return value.text;
  if (Array.isArray(value)) {
    return `[${value.map((item, index) => jsonOf(item, [...path, index], twice)).join(",")}]`;
  }
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const fields = Object.entries(value).flatMap(([key, each]) => {
    const here = [...path, key];
    const first = `${JSON.stringify(key)}:${jsonOf(each, here, twice)}`;
    const isTwice = twice?.path.join("\0") === here.join("\0");
    return isTwice ? [first, `${JSON.stringify(key)}:${jsonOf(twice.second, here, undefined)}`] : [first];
  });
  return `{${fields.join(",")}}`;
}

const MARK = "THE-MARK";

/**
 * The object as YAML, in which one scalar is written otherwise: a plain scalar whose type YAML decides, a tag, an
 * anchor.
 */
export function yamlText(random: Random, original: object): ManifestText & { readonly what: string } {
  const value = structuredClone(original) as Record<string, unknown>;
  const holders = scalarHolders(value).filter(([, key]) => key !== "apiVersion" && key !== "kind");
  const [holder, key] = random.pick(holders);
  holder[key] = MARK;
  const scalar = random.pick(YAML_SCALARS);
  const text = stringify(value, { compat: "yaml-1.1", aliasDuplicateObjects: false }).replace(
    MARK,
    () => scalar,
  );
  return { text, type: "application/yaml", what: `${key} is written ${scalar}` };
}

function scalarHolders(value: unknown): [Record<string, unknown>, string][] {
  if (typeof value !== "object" || value === null) return [];
  const holder = value as Record<string, unknown>;
  return Object.keys(holder).flatMap((key) =>
    typeof holder[key] === "object" ? scalarHolders(holder[key]) : [[holder, key] as [typeof holder, string]],
  );
}
