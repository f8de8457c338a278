import { addError, type Check, inWords, readText } from "./check.ts";
import { nearestFix } from "./input-fixes.ts";
import type { FieldPath } from "./location.ts";
import type { TransportProtocol } from "./objects.ts";
import { didYouMean } from "./suggest.ts";

const PROTOCOLS: readonly TransportProtocol[] = ["TCP", "UDP", "SCTP"];

/** The protocol, or undefined: absent, or reported. */
export function readProtocol(check: Check, value: unknown, path: FieldPath): TransportProtocol | undefined {
  const text = readText(check, value, path);
  if (text === undefined) return undefined;
  const protocol = PROTOCOLS.find((known) => known === text);
  if (protocol !== undefined) return protocol;
  addError(check, path, {
    code: "unknown-protocol",
    message: `${inWords(text)} is no protocol that policies know; there are ${PROTOCOLS.join(", ")}.`,
    help:
      didYouMean(text, PROTOCOLS) ??
      (text.toLowerCase().startsWith("icmp")
        ? "NetworkPolicies cannot name ICMP. A rule without ports allows it, together with everything else."
        : undefined),
    fix: nearestFix(check, path, text, PROTOCOLS),
  });
  return undefined;
}

/** True for a whole number between 1 and 65535. */
export function isPortNumber(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 1 && (value as number) <= 65535;
}
