import { FINDING_CODES } from "../../../k8s/finding-codes.ts";
import { CHECK_CODES } from "../codes.ts";
import { SETTINGS_CODES } from "./codes.ts";

/** Findings about a cluster as a whole, made where it is put together or read. */
const CLUSTER_CODES = ["shared-address", "pod-cidr-exhausted", "forbidden", "only-some-namespaces"];

/** The code of everything that `podwall check` may report. */
export const KNOWN_CODES: readonly string[] = [
  ...Object.keys(CHECK_CODES),
  ...Object.keys(FINDING_CODES),
  ...Object.keys(SETTINGS_CODES),
  ...CLUSTER_CODES,
];

const KNOWN: ReadonlySet<string> = new Set(KNOWN_CODES);

export function isKnownCode(code: string): boolean {
  return KNOWN.has(code);
}
