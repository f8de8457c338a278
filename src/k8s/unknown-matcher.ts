import { addWarning, type Check, inWords, isAbsent, pathInWords } from "./check.ts";
import type { FieldSet } from "./fields.ts";
import type { FieldPath } from "./location.ts";
import type { Direction } from "./objects.ts";
import { didYouMean } from "./suggest.ts";

/** The rule in which something stands. */
export interface RuleContext {
  readonly direction: Direction;
  /** Undefined if it could not be read. */
  readonly action: string | undefined;
}

/**
 * Warns of a peer or a protocol without any field that is known, and says what becomes of its rule. It is no error: a
 * cluster with a newer API serves such objects, and asks for rules to fail closed then (ClusterNetworkPolicyEgressPeer).
 */
export function warnOfUnknownMatcher(
  check: Check,
  map: Readonly<Record<string, unknown>>,
  path: FieldPath,
  set: FieldSet,
  rule: RuleContext,
): void {
  const field = Object.keys(map)[0];
  const isEmpty = field === undefined || (set.fields.includes(field) && isAbsent(map[field]));
  const fault = isEmpty ? "is empty" : `is of a kind that is not known here (${inWords(field)})`;
  addWarning(check, isEmpty ? path : [...path, field], {
    code: "unknown-matcher",
    message: `${pathInWords(path)} ${fault}, so ${consequence(rule)}.`,
    help: helpFor(field, isEmpty, set),
    part: isEmpty && typeof path.at(-1) === "number" ? "value" : "key",
  });
}

function consequence({ action, direction }: RuleContext): string {
  if (action === undefined) return "its rule fails closed";
  if (action === "Accept" || action === "Allow") return `this ${action} rule allows nothing at all`;
  return `this ${action} rule denies all ${direction} traffic of the policy's pods, on every port`;
}

function helpFor(field: string | undefined, isEmpty: boolean, set: FieldSet): string {
  const choices = set.fields.join(", ");
  if (field === undefined) return set.fields.length === 1 ? `Write ${choices}.` : `Write one of: ${choices}.`;
  if (isEmpty) return `${field} is written without a value: write one.`;
  const elsewhere = set.elsewhere !== undefined && Object.hasOwn(set.elsewhere, field);
  if (elsewhere) return set.elsewhere[field]!;
  return (
    didYouMean(field, set.fields) ??
    `Known are: ${choices}. If it is of a newer version of the API, look at this rule by yourself.`
  );
}
