import { hasOnly, isObject, type Json, type JsonObject } from "./json-shapes.ts";
import { PROTOCOL_NAMES } from "./protocols.ts";

/** Reads what a rule asks of a packet; undefined for what no program asks. */
export function readMatch(match: JsonObject): string | undefined {
  const left = readField(match.left);
  const { op, right } = match;
  if (left === undefined || right === undefined || !hasOnly(match, ["op", "left", "right"])) return undefined;
  // A state is one of several: nft tells that from being equal to one.
  if (left === "ct state") {
    if (op !== "in") return undefined;
    const states = Array.isArray(right) ? (right as readonly Json[]) : [right];
    return states.every((state) => typeof state === "string") ? `${left} ${states.join(",")}` : undefined;
  }
  if (op !== "==" && op !== "!=") return undefined;
  if (left === "oifname")
    return typeof right === "string" && op === "!=" ? `${left} != "${right}"` : undefined;
  const value = readRight(left === "meta l4proto" ? namedProtocols(right) : right);
  return value === undefined ? undefined : `${left} ${op === "!=" ? "!= " : ""}${value}`;
}

/** Protocols are listed by name or by number, as nft is told. */
function namedProtocols(value: Json): Json {
  if (typeof value === "number") return PROTOCOL_NAMES[value] ?? value;
  const set = isObject(value) ? value.set : undefined;
  return Array.isArray(set) ? { set: (set as readonly Json[]).map(namedProtocols) } : value;
}

/** A field of the packet, or several joined by dots. */
export function readField(value: Json | undefined): string | undefined {
  if (!isObject(value) || Object.keys(value).length !== 1) return undefined;
  const { payload, meta, ct, fib, concat } = value;
  if (isObject(payload) && !hasOnly(payload, ["protocol", "field"])) return undefined;
  if (isObject(payload) && typeof payload.protocol === "string" && typeof payload.field === "string") {
    return `${payload.protocol} ${payload.field}`;
  }
  if (isObject(meta) && meta.key === "l4proto") return "meta l4proto";
  if (isObject(meta) && meta.key === "oifname" && Object.keys(meta).length === 1) return "oifname";
  if (isObject(ct) && ct.key === "state" && Object.keys(ct).length === 1) return "ct state";
  if (isObject(fib)) return readFib(fib);
  if (!Array.isArray(concat)) return undefined;
  const fields = (concat as readonly Json[]).map(readField);
  return fields.every((field) => field !== undefined) ? fields.join(" . ") : undefined;
}

/** What the routing table says of an address: `fib saddr type`. */
function readFib({ result, flags, ...rest }: JsonObject): string | undefined {
  const [flag, ...more] = Array.isArray(flags) ? (flags as readonly Json[]) : [flags ?? null];
  if (more.length > 0 || Object.keys(rest).length > 0) return undefined;
  return result === "type" && (flag === "saddr" || flag === "daddr") ? `fib ${flag} type` : undefined;
}

function readRight(value: Json): string | undefined {
  if (typeof value === "number" || typeof value === "string") return String(value);
  if (!isObject(value)) return undefined;
  const { range, set } = value;
  if (Array.isArray(range) && range.length === 2) return range.join("-");
  if (!Array.isArray(set)) return undefined;
  const members = (set as readonly Json[]).map(readRight);
  return members.every((member) => member !== undefined) ? `{ ${members.join(", ")} }` : undefined;
}
