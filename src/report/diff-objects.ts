import type {
  LabelChange,
  NamespaceChange,
  PolicyChange,
  WorkloadChange,
} from "../analysis/diff/changed-objects.ts";
import type { ConnectionDiff } from "../analysis/diff/connection-diff.ts";
import { describePolicy } from "../policy/describe.ts";
import type { DiffNames } from "./diff-names.ts";
import { fileAndLine, policyPosition } from "./explain-words.ts";

const MOST = 8;

/** What became of isolation, policies, pods and namespaces, as lines: `policies    changed NetworkPolicy shop/db`. */
export function changedObjectLines({ isolation, objects }: ConnectionDiff, names: DiffNames): string[] {
  const lines: string[] = [];
  const add = (title: string, items: readonly string[], most = MOST): void => {
    const shown = items.length > most ? items.slice(0, most - 1) : items;
    for (const [place, item] of shown.entries())
      lines.push(`${(place === 0 ? title : "").padEnd(12)}${item}`);
    if (items.length > shown.length) lines.push(`${"".padEnd(12)}and ${items.length - shown.length} more`);
  };
  add(
    "isolation",
    isolation.map(({ peer, direction, now, cause }) => {
      const what =
        now === "isolated" ? `now isolated for ${direction}` : `not isolated for ${direction} any more`;
      return `${names.one(peer)}  ${what}${cause === "pods" ? " (its pods changed)" : ""}`;
    }),
  );
  add("policies", objects.policies.map(policyLine));
  add(
    "pods",
    objects.workloads.map((workload) => workloadLine(workload, names)),
  );
  add("namespaces", objects.namespaces.map(namespaceLine));
  if (objects.nodes > 0) {
    lines.push(`${"nodes".padEnd(12)}${objects.nodes} ${objects.nodes === 1 ? "is" : "are"} not the same`);
  }
  return lines;
}

/** `changed NetworkPolicy shop/db  policy.yaml:3`. */
export function policyLine({ change, before, after }: PolicyChange): string {
  const policy = (after ?? before)!;
  const place = fileAndLine(policyPosition(policy));
  const words = change === "rewritten" ? "says the same in other words:" : change;
  return `${words} ${describePolicy(policy)}  ${place}`;
}

/** `changed shop/db: 2 -> 3 pods, label tier=data is now tier=cache`. */
export function workloadLine(
  { change, id: workload, before, after, differs, labels = [] }: WorkloadChange,
  names: DiffNames,
): string {
  const id = names.workload(workload);
  const pods = (count: number): string => `${count} ${count === 1 ? "pod" : "pods"}`;
  if (change === "added") return `added ${id}, ${pods(after)}`;
  if (change === "removed") return `removed ${id}, ${pods(before)}`;
  const what = differs.map((each) => {
    if (each === "number") return `${before} -> ${pods(after)}`;
    return each === "labels" ? labelsText(labels) : each;
  });
  return `changed ${id}: ${what.join(", ")}`;
}

/** `relabelled ops: label team=a added`. */
export function namespaceLine({ change, name, labels = [] }: NamespaceChange): string {
  return labels.length === 0 ? `${change} ${name}` : `${change} ${name}: ${labelsText(labels)}`;
}

/** Some labels tell the story; those of controllers come last. */
const MOST_LABELS = 4;

function labelsText(labels: readonly LabelChange[]): string {
  // Each value is there as before, in other combinations.
  if (labels.length === 0) return "labels";
  const shown = labels.slice(0, MOST_LABELS).map(({ key, before, after }) => {
    const text = (values: readonly string[]): string =>
      values.map((value) => `${key}=${value}`).join(" and ");
    if (before.length === 0) return `label ${text(after)} added`;
    if (after.length === 0) return `label ${text(before)} removed`;
    return `label ${text(before)} is now ${text(after)}`;
  });
  const more = labels.length - shown.length;
  if (more > 0) shown.push(`${more} more ${more === 1 ? "label" : "labels"}`);
  return shown.join(", ");
}
