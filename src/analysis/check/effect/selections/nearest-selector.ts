import type { FieldPath } from "../../../../k8s/location.ts";
import type { LabelSelector, LabelSelectorRequirement } from "../../../../k8s/objects.ts";
import { closest } from "../../../../k8s/suggest.ts";
import { nearName } from "../../near-name.ts";
import { type LabelUse, matchesSome, unmetRequirements } from "./label-use.ts";

/** A label of a selector that nobody wears, and the one that was probably meant. */
export interface NearestLabel {
  /** `sever=api`. */
  readonly written: string;
  /** `server=api`. */
  readonly meant: string;
  /** The selector with that label. It matches something. */
  readonly selector: LabelSelector;
  /** What has to change in the selector as it was written: a path in it, and the new text of the key or value there. */
  readonly change: {
    readonly path: FieldPath;
    readonly part: "key" | "value";
    readonly text: string;
  };
}

/**
 * For a selector that matches none of the objects: the change of one of its labels after which it matches some, if
 * that label looks like a slip. Undefined if there is none, or more than one label would have to change.
 */
export function nearestSelector(
  selector: LabelSelector,
  uses: readonly LabelUse[],
): NearestLabel | undefined {
  const unmet = unmetRequirements(selector, uses);
  if (unmet.length !== 1) return undefined;
  const [{ key, values }] = unmet as [LabelSelectorRequirement];
  for (const [place, value] of (values ?? []).entries()) {
    for (const [newKey, newValue] of candidates(key, value, uses)) {
      const changed = changedSelector(selector, key, place, newKey, newValue);
      if (changed === undefined || !matchesSome(changed.selector, uses)) continue;
      return { written: `${key}=${value}`, meant: `${newKey}=${newValue}`, ...changed };
    }
  }
  return undefined;
}

/** Labels in use that look as if they were meant, the likeliest first. */
function* candidates(
  key: string,
  value: string,
  uses: readonly LabelUse[],
): Iterable<readonly [string, string]> {
  const values = new Set(uses.flatMap(({ keys }) => [...(keys.get(key)?.values ?? [])]));
  const near = nearName(value, values);
  if (near !== undefined) yield [key, near];
  const keys = [
    ...new Set(
      uses.flatMap((use) =>
        [...use.keys].flatMap(([other, used]) => (used.values.has(value) ? [other] : [])),
      ),
    ),
  ];
  const nearKey = closest(key, keys);
  if (nearKey !== undefined) yield [nearKey, value];
  // The same name under another of the keys for names: app, app.kubernetes.io/name, k8s-app.
  if (NAME_KEYS.has(key)) for (const other of keys) if (NAME_KEYS.has(other)) yield [other, value];
}

/** Keys under which people put the name of an application or a part of it. */
const NAME_KEYS: ReadonlySet<string> = new Set([
  "app",
  "app.kubernetes.io/name",
  "app.kubernetes.io/component",
  "app.kubernetes.io/instance",
  "k8s-app",
  "name",
  "component",
  "service",
  "server",
  "role",
  "tier",
]);

function changedSelector(
  { matchLabels = {}, matchExpressions = [] }: LabelSelector,
  key: string,
  place: number,
  newKey: string,
  newValue: string,
): Pick<NearestLabel, "selector" | "change"> | undefined {
  const part = newKey === key ? "value" : "key";
  const text = newKey === key ? newValue : newKey;
  if (Object.hasOwn(matchLabels, key)) {
    const { [key]: _old, ...rest } = matchLabels;
    if (Object.hasOwn(rest, newKey)) return undefined;
    return {
      selector: { matchLabels: { ...rest, [newKey]: newValue }, matchExpressions },
      change: { path: ["matchLabels", key], part, text },
    };
  }
  const index = matchExpressions.findIndex((each) => each.key === key && each.operator === "In");
  const written = matchExpressions[index];
  if (written === undefined) return undefined;
  const values = (written.values ?? []).map((value, i) => (i === place ? newValue : value));
  return {
    selector: {
      matchLabels,
      matchExpressions: matchExpressions.with(index, { ...written, key: newKey, values }),
    },
    // The key of an entry of matchExpressions is a value in the text.
    change: {
      path: ["matchExpressions", index, ...(part === "key" ? ["key"] : ["values", place])],
      part: "value",
      text,
    },
  };
}
