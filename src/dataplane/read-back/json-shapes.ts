/** A value of a JSON document. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

export interface JsonObject {
  readonly [key: string]: Json | undefined;
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The name and value of an object of one field, which is how nft writes expressions; undefined for all else. */
export function soleField(value: Json | undefined): readonly [name: string, value: Json] | undefined {
  if (!isObject(value)) return undefined;
  let sole: [string, Json] | undefined;
  for (const name in value) {
    if (sole !== undefined) return undefined;
    sole = [name, value[name]!];
  }
  return sole;
}

/** True if an object has no fields but these. */
export function hasOnly(object: JsonObject, names: readonly string[]): boolean {
  return Object.keys(object).every((name) => names.includes(name));
}

/** What is none of ours, as a text that equals no text of a program. */
export function unknownText(value: Json): string {
  return `unknown ${JSON.stringify(value)}`;
}
