import { hasOnly, isObject, type Json, type JsonObject, soleField, unknownText } from "./json-shapes.ts";
import { readField, readMatch } from "./read-match.ts";
import { readVerdict } from "./read-verdict.ts";

/**
 * Reads an object `rule` of nft's JSON as the text that a program has for it. Counters are told without their values.
 * An expression that no program has becomes `unknown {...}`.
 */
export function readRule(rule: JsonObject): string {
  const expressions = Array.isArray(rule.expr) ? (rule.expr as readonly Json[]) : [];
  const parts = expressions.map((expression) => readExpression(expression) ?? unknownText(expression));
  const { comment } = rule;
  if (comment !== undefined) parts.push(isPlain(comment) ? `comment "${comment}"` : unknownText({ comment }));
  return parts.join(" ");
}

/** True for a text that stands between quotes as it is; a quote in it could make one rule read as another. */
function isPlain(value: Json | undefined): boolean {
  return typeof value === "string" && !value.includes('"');
}

function readExpression(expression: Json): string | undefined {
  const field = soleField(expression);
  if (field === undefined) return undefined;
  const [name, detail] = field;
  switch (name) {
    case "match":
      return isObject(detail) ? readMatch(detail) : undefined;
    case "counter":
      return isObject(detail) && hasOnly(detail, ["packets", "bytes"]) ? "counter" : undefined;
    case "limit":
      return isObject(detail) ? readLimit(detail) : undefined;
    case "log":
      return isObject(detail) ? readLog(detail) : undefined;
    case "reject":
      return isObject(detail) ? readReject(detail) : undefined;
    case "vmap":
      return isObject(detail) ? readVerdictMap(detail) : undefined;
    default:
      return readVerdict(expression);
  }
}

function readLimit(limit: JsonObject): string | undefined {
  const { rate, burst, per } = limit;
  if (typeof rate !== "number" || typeof burst !== "number" || typeof per !== "string") return undefined;
  if (!hasOnly(limit, ["rate", "burst", "per"])) return undefined;
  return `limit rate ${rate}/${per} burst ${burst} packets`;
}

function readLog(log: JsonObject): string | undefined {
  const { prefix, group, snaplen } = log;
  if (!isPlain(prefix) || typeof group !== "number") return undefined;
  if (!hasOnly(log, ["prefix", "group", "snaplen"])) return undefined;
  return `log prefix "${prefix}" group ${group}${snaplen === undefined ? "" : ` snaplen ${snaplen}`}`;
}

function readReject(reject: JsonObject): string | undefined {
  const { type, expr } = reject;
  if (!hasOnly(reject, ["type", "expr"])) return undefined;
  if (type === "tcp reset" && expr === undefined) return "reject with tcp reset";
  return typeof type === "string" && typeof expr === "string" ? `reject with ${type} ${expr}` : undefined;
}

function readVerdictMap(map: JsonObject): string | undefined {
  const { key, data } = map;
  const field = readField(key);
  if (typeof data !== "string" || !data.startsWith("@") || field === undefined) return undefined;
  return hasOnly(map, ["key", "data"]) ? `${field} vmap ${data}` : undefined;
}
