import type { ConnectionChange, ConnectionDiff } from "../analysis/diff/connection-diff.ts";
import type { Position } from "../k8s/location.ts";
import { type DiffNames, diffNames } from "./diff-names.ts";
import { reasonTexts } from "./diff-reason.ts";
import { changePorts, dangerText, diffHeadline, leftOutText } from "./diff-words.ts";
import { type GithubAnnotation, githubCommand } from "./github-command.ts";

/** GitHub shows few annotations of a step; the log has all lines. */
const MOST = 50;

/** Workflow commands: a warning for what opens, a notice for what closes. Ends with a line break. */
export function diffGithub(diff: ConnectionDiff): string {
  const names = diffNames(diff.peers);
  const lines = [`podwall diff: ${diffHeadline(diff)}`];
  for (const change of diff.changes.slice(0, MOST)) lines.push(annotation(change, names));
  const left = leftOutText(diff.changes.slice(MOST));
  if (left !== "") {
    const message = `not shown: ${left}; podwall diff -o json tells all`;
    lines.push(githubCommand({ level: "notice", title: "podwall diff", message }));
  }
  return `${lines.join("\n")}\n`;
}

function annotation(change: ConnectionChange, names: DiffNames): string {
  const opens = change.change === "opens";
  const to = change.within ? "its other pods" : names.list(change.to, change.from);
  const danger = dangerText(change);
  const reasons = reasonTexts(change);
  const place = reasons.find((reason) => reason.place !== undefined)?.place;
  const sentence = `${names.list(change.from, change.to)} -> ${to}: ${changePorts(change)} ${opens ? "opens" : "closes"}`;
  return githubCommand({
    level: opens ? "warning" : "notice",
    ...placeOf(place),
    title: danger === "" ? `a connection ${change.change}` : `opens ${danger}`,
    message: [sentence, ...reasons.map(({ text }) => text)].join("\n"),
  });
}

function placeOf(place: Position | undefined): Pick<GithubAnnotation, "file" | "line" | "column"> {
  if (place === undefined || place.file === "" || place.file === STDIN) return {};
  const { file, line, column } = place;
  return line === 0 ? { file } : { file, line, column };
}

/** The name of the standard input, which is no file of the repository. */
const STDIN = "-";
