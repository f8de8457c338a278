import type { ConnectionChange, ConnectionDiff } from "../analysis/diff/connection-diff.ts";
import { type DiffNames, diffNames } from "./diff-names.ts";
import { changedObjectLines } from "./diff-objects.ts";
import { reasonLine, reasonTexts } from "./diff-reason.ts";
import { changePorts, dangerText, diffHeadline, leftOutText } from "./diff-words.ts";
import type { Style } from "./style.ts";

/** Groups that are shown of each cause. */
const MOST_GROUPS = 40;

/** What a change opens and closes, for a person. Ends with a line break. */
export function diffText(diff: ConnectionDiff, style: Style): string {
  const names = diffNames(diff.peers);
  const lines = [style.bold(diffHeadline(diff)), ""];
  const byPolicy = diff.changes.filter(({ cause }) => cause === "policy");
  const byPods = diff.changes.filter(({ cause }) => cause === "pods");
  if (byPolicy.length > 0) {
    if (byPods.length > 0) lines.push(style.bold("because policies changed"));
    lines.push(...changeLines(byPolicy, names, style), "");
  }
  if (byPods.length > 0) {
    lines.push(style.bold("because pods, their namespaces or nodes changed"));
    lines.push(...changeLines(byPods, names, style), "");
  }
  const objects = changedObjectLines(diff, names);
  if (objects.length > 0) lines.push(...objects, "");
  return lines.join("\n");
}

interface Line {
  readonly change: ConnectionChange;
  readonly from: string;
  readonly to: string;
  readonly ports: string;
}

function changeLines(changes: readonly ConnectionChange[], names: DiffNames, style: Style): string[] {
  const rows = changes.slice(0, MOST_GROUPS).map((change): Line => {
    return {
      change,
      from: names.list(change.from, change.to),
      to: change.within ? "its other pods" : names.list(change.to, change.from),
      ports: changePorts(change),
    };
  });
  const width = (of: (row: Line) => string): number =>
    rows.reduce((most, row) => Math.min(48, Math.max(most, of(row).length)), 0);
  const widths = {
    from: width(({ from }) => from),
    to: width(({ to }) => to),
    ports: width(({ ports }) => ports),
  };
  const lines = rows.flatMap((row) => {
    const { change } = row;
    const word = change.change === "opens" ? style.yellow("OPENS ") : style.green("CLOSES");
    const danger = dangerText(change);
    const ends = `${row.from.padEnd(widths.from)}  ->  ${row.to.padEnd(widths.to)}`;
    const ports = row.ports.padEnd(widths.ports);
    const mark = danger === "" ? "" : `  ${style.red(`!  ${danger}`)}`;
    const reasons = reasonTexts(change).map(
      (reason) =>
        `          ${style.dim(`${change.reasonOfOne === true ? "for example " : ""}${reasonLine(reason)}`)}`,
    );
    return [`  ${word}  ${ends}  ${ports}${mark}`.trimEnd(), ...reasons];
  });
  const left = leftOutText(changes.slice(MOST_GROUPS));
  if (left !== "") lines.push(style.bold(`  and ${left}; -o json tells all`));
  return lines;
}
