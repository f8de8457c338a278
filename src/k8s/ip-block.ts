import { type Address, parseAddress } from "../net/address.ts";
import { type Cidr, cidrOf, cidrStrictlyInside, formatCidr, parseCidr } from "../net/cidr.ts";
import {
  addError,
  addWarning,
  type Check,
  inWords,
  isAbsent,
  pathInWords,
  readList,
  readMapping,
  readText,
  wrongType,
} from "./check.ts";
import { checkFields, type FieldSet } from "./fields.ts";
import type { FieldPath } from "./location.ts";
import type { IpBlock } from "./objects.ts";

const IP_BLOCK: FieldSet = { name: "An ipBlock", fields: ["cidr", "except"] };

/** Reads networking.k8s.io/v1 IPBlock (`ValidateIPBlock`). Undefined if it is no block. */
export function readIpBlock(check: Check, value: unknown, path: FieldPath): IpBlock | undefined {
  const map = readMapping(check, value, path, (v) =>
    typeof v === "string" ? `Write ipBlock: {cidr: ${v}}.` : "Write ipBlock: {cidr: ...}, without a dash.",
  );
  if (map === undefined) return undefined;
  checkFields(check, map, path, IP_BLOCK);
  if (isAbsent(map.cidr) || map.cidr === "") {
    addError(check, [...path, "cidr"], {
      code: "missing-field",
      message: `${pathInWords([...path, "cidr"])} is missing.`,
      help: "Say which addresses are meant, such as cidr: 10.0.0.0/8.",
    });
  }
  const cidrText = map.cidr === "" ? undefined : readText(check, map.cidr, [...path, "cidr"]);
  const cidr = cidrText === undefined ? undefined : checkCidr(check, cidrText, [...path, "cidr"]);
  const except = readList(check, map.except, [...path, "except"], (v) =>
    typeof v === "string" ? `Write a list: except: [${v}].` : undefined,
  )?.flatMap((item, index) => readExcept(check, item, [...path, "except", index], cidr));
  if (cidrText === undefined) return undefined;
  return { cidr: cidrText, ...(except === undefined ? {} : { except }) };
}

function readExcept(
  check: Check,
  value: unknown,
  path: FieldPath,
  outer: Cidr | undefined,
): readonly string[] {
  if (isAbsent(value)) wrongType(check, value, path, "a CIDR such as 10.0.0.0/8");
  const text = readText(check, value, path);
  if (text === undefined) return [];
  const inner = checkCidr(check, text, path);
  if (inner === undefined || outer === undefined || cidrStrictlyInside(inner, outer)) return [text];
  const covers = inner.family === outer.family && inner.first <= outer.first && inner.last >= outer.last;
  addError(check, path, {
    code: covers ? "except-covers-cidr" : "except-outside-cidr",
    message: covers
      ? `except ${text} takes away all of cidr ${formatCidr(outer)}.`
      : `except ${text} is not inside cidr ${formatCidr(outer)}.`,
    help: covers
      ? "An except must be smaller than its cidr. To allow nothing, remove this peer."
      : "An except takes addresses away from the cidr of its own ipBlock. Correct it, or remove it.",
  });
  return [text];
}

function checkCidr(check: Check, text: string, path: FieldPath): Cidr | undefined {
  const parsed = parseCidr(text);
  if (parsed === undefined) {
    const mapped = mappedHelp(text);
    if (mapped !== undefined) {
      addError(check, path, {
        code: "bad-cidr",
        message: `${inWords(text)} is an IPv4-mapped IPv6 block, whose meaning in a policy is unclear.`,
        help: mapped,
      });
      return undefined;
    }
    addError(check, path, {
      code: "bad-cidr",
      message: `${inWords(text)} is not a CIDR.`,
      help: cidrHelp(text),
    });
    return undefined;
  }
  if (!parsed.canonical) {
    const canonical = formatCidr(parsed.cidr);
    addWarning(check, path, {
      code: "cidr-not-canonical",
      message: `${text} means ${canonical}.`,
      help: `Write ${canonical}, or the block that was meant.`,
    });
  }
  return parsed.cidr;
}

/** The help for a block of IPv4-mapped IPv6 addresses (`::ffff:10.0.0.0/104`, RFC 4291, 2.5.5.2); else undefined. */
function mappedHelp(text: string): string | undefined {
  const [start, prefixText] = text.trim().split("/", 2);
  const ipv4 = mappedAddress(start ?? "");
  if (ipv4 === undefined || prefixText === undefined || !/^[0-9]{1,3}$/.test(prefixText)) return undefined;
  const prefix = Number(prefixText);
  if (prefix > 128) return undefined;
  if (prefix < 96) return "It holds more than IPv4 addresses. Write the IPv4 or IPv6 block that was meant.";
  return `Write ${formatCidr(cidrOf(ipv4, prefix - 96))}, its IPv4 form.`;
}

/** The IPv4 address that an IPv4-mapped IPv6 address stands for; undefined for any other text. */
function mappedAddress(text: string): Address | undefined {
  const address = parseAddress(text);
  if (address?.family !== 6 || address.value >> 32n !== 0xffffn) return undefined;
  return { family: 4, value: address.value & 0xffff_ffffn };
}

function cidrHelp(text: string): string {
  const trimmed = text.trim();
  const mapped = mappedAddress(trimmed);
  if (mapped !== undefined) return `For this one address, write ${formatCidr(cidrOf(mapped, 32))}.`;
  const address = parseAddress(trimmed);
  if (address !== undefined)
    return `For this one address, write ${trimmed}/${address.family === 4 ? 32 : 128}.`;
  if (trimmed !== text && parseCidr(trimmed) !== undefined) return `Remove the spaces around ${trimmed}.`;
  const [start, prefix] = trimmed.split("/", 2);
  const family = parseAddress(start ?? "")?.family;
  if (family !== undefined && prefix !== undefined && /^\d+$/.test(prefix)) {
    return `The number after the slash must be between 0 and ${family === 4 ? 32 : 128}.`;
  }
  return "Write an address, a slash and a prefix length, such as 10.0.0.0/8 or 2001:db8::/32.";
}
