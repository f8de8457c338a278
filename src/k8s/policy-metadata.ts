import { type Check, readMapping, wrongType } from "./check.ts";
import { checkFields } from "./fields.ts";
import { OBJECT_META_FIELDS } from "./object-fields.ts";

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
    wrongType(check, value, [...path, key], "text", help);
  }
}
