import { formatAddress, parseAddress } from "../net/address.ts";
import { addError, type Check, inWords } from "./check.ts";
import type { FieldPath } from "./location.ts";

/** The address in its canonical text, or undefined if it was reported to be none. */
export function readAddress(check: Check, text: string, path: FieldPath): string | undefined {
  const address = parseAddress(text);
  if (address !== undefined) return formatAddress(address);
  addError(check, path, {
    code: "bad-address",
    message: `${inWords(text)} is not an IP address.`,
    help: text.includes("/") ? "Write the address without a prefix length." : undefined,
  });
  return undefined;
}
