import { addError, type Check, inWords, isAbsent, isMapping, readMapping, wrongType } from "./check.ts";
import { checkFields } from "./fields.ts";
import { nearestFix, quoteFix } from "./input-fixes.ts";
import { OBJECT_META_FIELDS } from "./object-fields.ts";
import { didYouMean } from "./suggest.ts";

/** The annotation of a policy that says whether what it denies is stopped, or only logged. */
export const MODE_ANNOTATION = "podwall.io/mode";

/** The annotation of a policy that says which findings about it are meant to be, and why. */
export const IGNORE_ANNOTATION = "podwall.io/ignore";

const MODES: readonly string[] = ["enforce", "audit"];

/** Reports what cannot be in the metadata of a policy. `specFields` are the fields of its spec, often misplaced. */
export function checkPolicyMetadata(
  check: Check,
  metadata: Readonly<Record<string, unknown>>,
  specFields: readonly string[],
): void {
  checkFields(check, metadata, ["metadata"], {
    name: "metadata",
    fields: OBJECT_META_FIELDS,
    elsewhere: Object.fromEntries(
      specFields.map((field) => [field, `${field} belongs into spec:, at the indent of metadata.`]),
    ),
  });
  const path = ["metadata", "annotations"];
  const annotations = readMapping(check, metadata.annotations, path);
  for (const [key, value] of Object.entries(annotations ?? {})) {
    if (typeof value === "string" || value === null) continue;
    const help = typeof value === "object" ? undefined : `Put it in quotes: "${String(value)}".`;
    const fix = help === undefined ? undefined : quoteFix(check, [...path, key]);
    wrongType(check, value, [...path, key], "text", help, fix);
  }
}

/**
 * `{ audit: true }` if the policy asks to be audited instead of enforced; else nothing. Reports a mode that is neither:
 * such a policy is enforced, as it is written. To close its pods would be too much, for no rule of it is in doubt. To
 * be asked when it is settled whether the policy is `broken`.
 */
export function readMode(check: Check, metadata: unknown): { readonly audit?: true } {
  const annotations = isMapping(metadata) ? metadata.annotations : undefined;
  const mode = isMapping(annotations) ? annotations[MODE_ANNOTATION] : undefined;
  if (mode === "audit") return { audit: true };
  // What is no text has been reported with the other annotations.
  if (isAbsent(mode) || mode === "enforce" || typeof mode !== "string") return {};
  addError(check, ["metadata", "annotations", MODE_ANNOTATION], {
    code: "unknown-value",
    message: `${inWords(mode)} is no mode of a policy; there are enforce and audit.`,
    help: didYouMean(mode, MODES) ?? "Without this annotation the policy is enforced.",
    fix: nearestFix(check, ["metadata", "annotations", MODE_ANNOTATION], mode, MODES),
  });
  return {};
}

/** `{ ignore }` with the text of the annotation that says which findings about the policy are meant to be; else nothing. */
export function readIgnore(metadata: unknown): { readonly ignore?: string } {
  const annotations = isMapping(metadata) ? metadata.annotations : undefined;
  const text = isMapping(annotations) ? annotations[IGNORE_ANNOTATION] : undefined;
  // What is no text has been reported with the other annotations.
  return typeof text === "string" ? { ignore: text } : {};
}
