import type { Finding } from "../../../../k8s/finding.ts";
import type { FieldEdit, Fix } from "../../../../k8s/fix.ts";
import type { FieldPath, Position } from "../../../../k8s/location.ts";
import { describePolicy } from "../../../../policy/describe.ts";
import type { Policy } from "../../../../policy/policy.ts";
import { otherPlaces } from "../../groups.ts";
import { countOf, workloadsOf } from "../../words.ts";
import type { EmptySelection } from "./empty-selection.ts";

/** A selector of a policy that chooses no pod. */
export interface EmptyPlace {
  readonly policy: Policy;
  /** The selectors as they are written: of pods, and of namespaces. */
  readonly selectors: Readonly<Record<EmptySelection["blame"], FieldPath>>;
  readonly empty: EmptySelection;
}

/** What findings about selectors that choose nothing have in common. The others are of the same words. */
export function findingParts(
  first: EmptyPlace,
  others: readonly EmptyPlace[],
): Pick<Finding, "position" | "object" | "related" | "fix"> & { readonly suggestion: string | undefined } {
  const { nearest, meantPods } = first.empty;
  const related = otherPlaces(others, (other) => ({
    position: placeOf(other),
    object: describePolicy(other.policy),
    message: `the same in ${describePolicy(other.policy)}`,
  }));
  const fix = fixOf([first, ...others]);
  return {
    position: placeOf(first),
    object: describePolicy(first.policy),
    ...(related === undefined ? {} : { related }),
    ...(fix === undefined ? {} : { fix }),
    suggestion:
      nearest === undefined
        ? undefined
        : `Did you mean ${nearest.meant}` +
          `${meantPods.length === 0 ? "" : ` (${countOf(meantPods.length, "pod")}: ${workloadsOf(meantPods)})`}?`,
  };
}

/** The label that nobody has, or the selector. */
function placeOf({ policy, selectors, empty }: EmptyPlace): Position {
  const path = [...selectors[empty.blame], ...empty.path];
  return policy.origin.position(path, "key");
}

/** Never safe: whom the policy is about changes by it. */
function fixOf(places: readonly EmptyPlace[]): Fix | undefined {
  const { nearest } = places[0]!.empty;
  if (nearest === undefined) return undefined;
  const { change, meant, written } = nearest;
  return {
    title: `write ${meant} in the place of ${written}`,
    safe: false,
    edits: places.map(({ policy, selectors, empty }): FieldEdit => {
      const at = policy.origin.position([...selectors[empty.blame], ...change.path], change.part);
      return change.part === "key"
        ? { kind: "rename-field", at, name: change.text }
        : { kind: "set-value", at, value: change.text };
    }),
  };
}
