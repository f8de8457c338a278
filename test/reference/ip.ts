/**
 * Addresses as strings of "0" and "1": slow, and nothing to get wrong about signs, words or byte order.
 */
export type Family = 4 | 6;

export interface Address {
  family: Family;
  /** 32 or 128 characters, the most significant bit first. */
  bits: string;
}

export interface Cidr extends Address {
  /** Length of the prefix in bits. */
  prefix: number;
}

/** The number of bits of an address: 32 or 128. */
export function widthOf(family: Family): number {
  return family === 4 ? 32 : 128;
}

/**
 * Reads an IPv4 or IPv6 address.
 * IPv6 text with an IPv4 tail (`::ffff:10.0.0.1`) is refused: Kubernetes is not consistent about its family.
 * @throws Error when the text is no address.
 */
export function parseAddress(text: string): Address {
  const known = parsed.get(text);
  if (known !== undefined) {
    return known;
  }
  const address = Object.freeze(text.includes(":") ? parseIpv6(text) : parseIpv4(text));
  if (parsed.size >= 10_000) {
    parsed.clear();
  }
  parsed.set(text, address);
  return address;
}

/** Reading addresses is most of the work of judging many small clusters, whose addresses are few. */
const parsed = new Map<string, Address>();

function parseIpv4(text: string): Address {
  const octets = text.split(".");
  const valid = octets.every((octet) => /^(0|[1-9][0-9]{0,2})$/.test(octet) && Number(octet) <= 255);
  if (octets.length !== 4 || !valid) {
    throw new Error(`"${text}" is not an IPv4 address`);
  }
  return { family: 4, bits: octets.map((octet) => Number(octet).toString(2).padStart(8, "0")).join("") };
}

function parseIpv6(text: string): Address {
  const halves = text.split("::");
  const left = groupsOf(halves[0]!);
  const right = groupsOf(halves[1] ?? "");
  const missing = 8 - left.length - right.length;
  const lengthFits = halves.length === 1 ? missing === 0 : halves.length === 2 && missing >= 1;
  const groups = [...left, ...Array<string>(Math.max(0, missing)).fill("0"), ...right];
  if (!lengthFits || !groups.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))) {
    throw new Error(`"${text}" is not an IPv6 address`);
  }
  const bits = groups.map((group) => Number.parseInt(group, 16).toString(2).padStart(16, "0")).join("");
  return { family: 6, bits };
}

function groupsOf(half: string): string[] {
  return half === "" ? [] : half.split(":");
}

/**
 * Reads `address/length`. Bits behind the prefix are kept as written: only the prefix ever decides.
 * @throws Error when the text is no CIDR.
 */
export function parseCidr(text: string): Cidr {
  const [addressText, prefixText, ...rest] = text.split("/");
  const address = parseAddress(addressText!);
  const prefix = Number(prefixText);
  const valid = rest.length === 0 && /^(0|[1-9][0-9]*)$/.test(prefixText ?? "");
  if (!valid || prefix > widthOf(address.family)) {
    throw new Error(`"${text}" is not a CIDR`);
  }
  return { ...address, prefix };
}

/** Whether the address lies in the block. Never across families. */
export function cidrContains(cidr: Cidr, address: Address): boolean {
  return cidr.family === address.family && address.bits.startsWith(cidr.bits.slice(0, cidr.prefix));
}

/** Whether two addresses are the same one, however they were written. */
export function isSameAddress(a: Address, b: Address): boolean {
  return a.family === b.family && a.bits === b.bits;
}

/** The address in canonical text: dotted decimal, or RFC 5952 for IPv6. */
export function formatAddress(address: Address): string {
  if (address.family === 4) {
    return chunks(address.bits, 8)
      .map((bits) => Number.parseInt(bits, 2))
      .join(".");
  }
  const groups = chunks(address.bits, 16).map((bits) => Number.parseInt(bits, 2).toString(16));
  const zeros = longestRunOfZeros(groups);
  if (zeros.length < 2) {
    return groups.join(":");
  }
  return `${groups.slice(0, zeros.start).join(":")}::${groups.slice(zeros.start + zeros.length).join(":")}`;
}

/** RFC 5952, section 4.2.3: of equally long runs of zero groups, the first one is shortened. */
function longestRunOfZeros(groups: string[]): { start: number; length: number } {
  let longest = { start: 0, length: 0 };
  for (let start = 0; start < groups.length; start++) {
    let length = 0;
    while (groups[start + length] === "0") {
      length++;
    }
    if (length > longest.length) {
      longest = { start, length };
    }
  }
  return longest;
}

function chunks(bits: string, size: number): string[] {
  return Array.from({ length: bits.length / size }, (_, i) => bits.slice(i * size, (i + 1) * size));
}
