import { resolvePlainScalar, type ScalarValue } from "./yaml-scalar.ts";

const CORE_PREFIX = "tag:yaml.org,2002:";

/**
 * The value of a scalar with an explicit tag (`!!str 8080`), or undefined if the text does not fit the tag. Tags
 * of other people (`!vault`) leave the text as it is, as go-yaml v2 does.
 */
export function resolveTaggedScalar(tag: string, text: string): ScalarValue | undefined {
  const name = coreTag(tag);
  const value = resolvePlainScalar(text);
  switch (name) {
    case "int":
      return typeof value === "number" && Number.isInteger(value) ? value : undefined;
    case "float":
      return typeof value === "number" ? value : undefined;
    case "bool":
      return typeof value === "boolean" ? value : undefined;
    case "null":
      return value === null ? null : undefined;
    case "binary":
      return decodeBase64(text);
    default:
      return text;
  }
}

function coreTag(tag: string): string | undefined {
  if (tag.startsWith("!!")) return tag.slice(2);
  if (tag.startsWith(`!<${CORE_PREFIX}`)) return tag.slice(2 + CORE_PREFIX.length, -1);
  return undefined;
}

function decodeBase64(text: string): string | undefined {
  const compact = text.replace(/\s/g, "");
  if (compact.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(compact)) return undefined;
  const bytes = Uint8Array.from(atob(compact), (c) => c.charCodeAt(0));
  return new TextDecoder().decode(bytes);
}
