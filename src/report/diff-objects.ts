import type { PolicyChange, WorkloadChange } from "../analysis/diff/changed-objects.ts";
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
  add("pods", objects.workloads.map(workloadLine));
  add(
    "namespaces",
    objects.namespaces.map(({ change, name }) => `${change} ${name}`),
  );
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

/** `changed shop/db[StatefulSet]: labels`. */
export function workloadLine({ change, id, before, after, differs }: WorkloadChange): string {
  const pods = (count: number): string => `${count} ${count === 1 ? "pod" : "pods"}`;
  if (change === "added") return `added ${id}, ${pods(after)}`;
  if (change === "removed") return `removed ${id}, ${pods(before)}`;
  const what = differs.map((each) => (each === "number" ? `${before} -> ${pods(after)}` : each));
  return `changed ${id}: ${what.join(", ")}`;
}
