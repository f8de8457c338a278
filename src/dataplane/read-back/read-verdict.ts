import { isObject, type Json, soleField } from "./json-shapes.ts";

/** A verdict in the words of rules and verdict maps, such as `accept` or `goto deny_ingress`; undefined for what is none. */
export function readVerdict(value: Json | undefined): string | undefined {
  const field = soleField(value);
  if (field === undefined) return undefined;
  const [name, detail] = field;
  switch (name) {
    case "accept":
    case "drop":
    case "return":
    case "continue":
      return detail === null ? name : undefined;
    case "goto":
    case "jump":
      return isObject(detail) && typeof detail.target === "string" && soleField(detail) !== undefined
        ? `${name} ${detail.target}`
        : undefined;
    default:
      return undefined;
  }
}
