import type { Fix } from "../../../k8s/fix.ts";
import type { Origin } from "../../../k8s/location.ts";
import type { PolicyType } from "../../../k8s/objects.ts";

/** How a policy comes to name no types: `missing`; or `empty`, which the API takes for the same. */
export function howTypesLack(origin: Origin): "missing" | "empty" {
  const [spec, types] = [origin.position(["spec"], "key"), origin.position(["spec", "policyTypes"], "key")];
  // A field that is not there has the place of what should hold it.
  return spec.line === types.line && spec.column === types.column ? "missing" : "empty";
}

/** The fix that writes types where none are named. Undefined where it would take more than one edit of the same place. */
export function typesFix(origin: Origin, types: readonly PolicyType[], title: string): Fix | undefined {
  const path = ["spec", "policyTypes"];
  if (howTypesLack(origin) === "missing") {
    const at = origin.position(["spec"]);
    return { title, safe: false, edits: [{ kind: "add-field", at, name: "policyTypes", value: types }] };
  }
  const [key, at] = [origin.position(path, "key"), origin.position(path)];
  // Without a value, there is no list to add to.
  const hasValue = key.line !== at.line || key.column !== at.column;
  const [value, ...more] = types;
  if (!hasValue || more.length > 0) return undefined;
  return { title, safe: false, edits: [{ kind: "add-item", at, value }] };
}
