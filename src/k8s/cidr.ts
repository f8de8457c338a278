import { type Address, parseAddress } from "../net/address.ts";
import { type Cidr, cidrOf, formatCidr, parseCidr } from "../net/cidr.ts";
import { addError, addWarning, type Check, inWords } from "./check.ts";
import type { Fix } from "./fix.ts";
import { setValueFix } from "./input-fixes.ts";
import type { FieldPath } from "./location.ts";

/**
 * The block that a text stands for, or undefined if it was reported to be none. Warns of one not in canonical form;
 * `ip-block` is one of a NetworkPolicy, of which newer servers refuse some.
 */
export function checkCidr(
  check: Check,
  text: string,
  path: FieldPath,
  of: "ip-block" | "other" = "other",
): Cidr | undefined {
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
      fix: cidrFix(check, text, path),
    });
    return undefined;
  }
  if (!parsed.canonical) {
    const canonical = formatCidr(parsed.cidr);
    const refused = of === "ip-block" && isRefusedIfNew(text, parsed.cidr);
    addWarning(check, path, {
      code: "cidr-not-canonical",
      message: `${text} means ${canonical}.`,
      help: `Write ${canonical}, or the block that was meant.${refused ? REFUSED_IF_NEW : ""}`,
      fix: setValueFix(check, path, canonical, true),
    });
  }
  return parsed.cidr;
}

const REFUSED_IF_NEW = " Kubernetes 1.36 and newer refuse it in a new policy.";

/**
 * True for host bits and leading zeros: what `StrictIPCIDRValidation` refuses (beta in Kubernetes 1.36) unless the policy
 * had it before. Other spellings are only warned of.
 */
function isRefusedIfNew(text: string, cidr: Cidr): boolean {
  const [start = "", prefix = ""] = text.split("/", 2);
  return parseAddress(start)?.value !== cidr.first || prefix !== String(cidr.prefix);
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

/** The fix where nothing but spaces are too many, or the length of a single address is missing. */
function cidrFix(check: Check, text: string, path: FieldPath): Fix | undefined {
  const trimmed = text.trim();
  if (trimmed !== text && parseCidr(trimmed)?.canonical === true) {
    return setValueFix(check, path, trimmed, true);
  }
  const address = parseAddress(trimmed);
  if (address === undefined || mappedAddress(trimmed) !== undefined) return undefined;
  return setValueFix(check, path, formatCidr(cidrOf(address, address.family === 4 ? 32 : 128)), false);
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
