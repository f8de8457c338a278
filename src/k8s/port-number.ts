import { addError, type Check, isAbsent, pathInWords, wrongType } from "./check.ts";
import { unquoteFix } from "./input-fixes.ts";
import type { FieldPath } from "./location.ts";
import { isPortNumber } from "./protocol.ts";

/** A port number that must be there; undefined if it was reported. */
export function readPortNumber(check: Check, value: unknown, path: FieldPath): number | undefined {
  if (isPortNumber(value)) return value;
  if (isAbsent(value)) {
    addError(check, path, {
      code: "missing-field",
      message: `${pathInWords(path)} is missing.`,
      help: "Ports go from 1 to 65535.",
      part: "key",
    });
  } else if (typeof value === "number" && Number.isInteger(value)) {
    addError(check, path, {
      code: "bad-port",
      message: `Port ${value} does not exist; ports go from 1 to 65535.`,
    });
  } else {
    const isQuoted = typeof value === "string" && /^[0-9]+$/.test(value);
    const help = isQuoted ? `Remove the quotes: ${value}` : undefined;
    wrongType(check, value, path, "a port number", help, unquoteFix(check, path, value));
  }
  return undefined;
}
