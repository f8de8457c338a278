import { formatAddress, parseAddress } from "../../net/address.ts";
import { cidrOf, cidrOfRange, formatCidr } from "../../net/cidr.ts";
import { hasOnly, isObject, type Json, type JsonObject, soleField, unknownText } from "./json-shapes.ts";
import { PROTOCOL_NAMES } from "./protocols.ts";

/** Reads one element of a set, without its verdict, in the words in which programs have it. */
export type ElementReader = (value: Json) => string;

/**
 * A reader for the sets of a type. nft prints one value in several shapes: a single address of an interval set as such,
 * a protocol by name or number, ranges that are blocks as prefixes, and what has a timeout inside of one more object.
 *
 * @param types The data types of the key, such as `ipv4_addr`, `inet_proto`.
 */
export function elementReader(types: readonly string[], interval: boolean): ElementReader {
  const readers = types.map((type) => partReader(type, interval));
  const [only] = readers;
  const read = (value: Json): string | undefined => {
    if (readers.length === 1) return only!(value);
    const parts = isObject(value) ? value.concat : undefined;
    if (!Array.isArray(parts) || parts.length !== readers.length) return undefined;
    let text = "";
    for (let i = 0; i < parts.length; i++) {
      const part = readers[i]!(parts[i]!);
      if (part === undefined) return undefined;
      text += i === 0 ? part : ` . ${part}`;
    }
    return text;
  };
  return (value) => read(bareValue(value)) ?? unknownText(value);
}

/** What may be said of an element that does not change what it matches. */
const HARMLESS = ["val", "comment", "counter", "timeout", "expires"];

function bareValue(value: Json): Json {
  const inner = isObject(value) ? value.elem : undefined;
  return isObject(inner) && inner.val !== undefined && hasOnly(inner, HARMLESS) ? inner.val : value;
}

type PartReader = (value: Json) => string | undefined;

function partReader(type: string, interval: boolean): PartReader {
  switch (type) {
    case "ipv4_addr":
    case "ipv6_addr":
      return interval ? addressRange : address;
    case "inet_proto":
      return (value) => protocol(value) ?? range(value, protocolNumber);
    case "inet_service":
      return (value) => port(value) ?? range(value, portNumber);
    default:
      return () => undefined;
  }
}

function address(value: Json): string | undefined {
  if (typeof value !== "string") return undefined;
  // inet_ntop prints as RFC 5952 asks, but for the dotted tail that it gives to some IPv6 addresses.
  if (!value.includes(".") || !value.includes(":")) return value;
  const parsed = parseAddress(value);
  return parsed === undefined ? undefined : formatAddress(parsed);
}

/** A block, or `first-last`. A single address is a block too. */
function addressRange(value: Json): string | undefined {
  if (typeof value === "string") {
    const text = address(value);
    return text === undefined ? undefined : `${text}/${text.includes(":") ? 128 : 32}`;
  }
  const field = soleField(value);
  if (field === undefined) return undefined;
  const [shape, detail] = field;
  if (shape === "prefix" && isObject(detail)) {
    const first = typeof detail.addr === "string" ? parseAddress(detail.addr) : undefined;
    if (first === undefined || typeof detail.len !== "number") return undefined;
    return formatCidr(cidrOf(first, detail.len));
  }
  if (shape !== "range" || !Array.isArray(detail) || detail.length !== 2) return undefined;
  const [first, last] = detail.map((end) => (typeof end === "string" ? parseAddress(end) : undefined));
  if (first === undefined || last === undefined || first.family !== last.family) return undefined;
  const block = cidrOfRange(first.family, first.value, last.value);
  return block === undefined ? `${formatAddress(first)}-${formatAddress(last)}` : formatCidr(block);
}

function protocol(value: Json): string | undefined {
  if (typeof value === "string") return value;
  return typeof value === "number" ? (PROTOCOL_NAMES[value] ?? String(value)) : undefined;
}

function port(value: Json): string | undefined {
  return typeof value === "number" ? String(value) : undefined;
}

function range(value: Json, numberOf: (end: Json) => number | undefined): string | undefined {
  const detail = isObject(value) ? (value as JsonObject).range : undefined;
  if (!Array.isArray(detail) || detail.length !== 2) return undefined;
  const first = numberOf(detail[0]!);
  const last = numberOf(detail[1]!);
  return first === undefined || last === undefined ? undefined : `${first}-${last}`;
}

function portNumber(end: Json): number | undefined {
  return typeof end === "number" ? end : undefined;
}

function protocolNumber(end: Json): number | undefined {
  if (typeof end === "number") return end;
  const known = Object.entries(PROTOCOL_NAMES).find(([, name]) => name === end);
  return known === undefined ? undefined : Number(known[0]);
}
