import { type Cidr, parseCidr } from "../net/cidr.ts";

/** The same few blocks stand in thousands of policies: each text is read once. */
const read = new Map<string, Cidr>();
const MOST_REMEMBERED = 100_000;

/** The block of a text that has been through validation. */
export function cidrOfValidated(text: string): Cidr {
  const known = read.get(text);
  if (known !== undefined) return known;
  const parsed = parseCidr(text);
  if (parsed === undefined) throw new Error(`validation let the CIDR ${text} pass`);
  if (read.size >= MOST_REMEMBERED) read.clear();
  read.set(text, parsed.cidr);
  return parsed.cidr;
}
