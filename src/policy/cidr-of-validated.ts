import { type Cidr, parseCidr } from "../net/cidr.ts";

/** The block that a text stands for which validation has let pass. */
export function cidrOfValidated(text: string): Cidr {
  const parsed = parseCidr(text);
  if (parsed === undefined) throw new Error(`validation let the CIDR ${text} pass`);
  return parsed.cidr;
}
