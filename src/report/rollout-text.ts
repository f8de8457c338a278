import type { PolicyVersion } from "../agent/agent-status.ts";
import { isDone, type PolicyNodeState, type PolicyOnNode } from "../agent/proxied/policy-on-node.ts";
import type { Rollout } from "../agent/proxied/rollout.ts";
import { compareNames } from "../cluster/names.ts";
import { adviceLines } from "./agent-advice.ts";
import { type Cell, inColumns } from "./columns.ts";
import type { Style } from "./style.ts";

export interface RolloutTextOptions {
  /** A line for each node, however many there are. */
  readonly all: boolean;
  /** True if unready nodes do not matter. */
  readonly ignoreUnready: boolean;
}

/** With more nodes than this, those that are done share lines. */
const MOST_DONE_SHOWN = 20;
const MOST_SHOWN = 40;
const MOST_NAMES = 8;

const WORDS: Readonly<Record<PolicyNodeState, string>> = {
  "no-answer": "UNKNOWN",
  "not-ready": "NOT READY",
  troubled: "NOT AS WRITTEN",
  "still-enforced": "still enforced",
  behind: "behind",
  enforced: "enforced",
  "nothing-to-do": "no pods here",
  gone: "gone",
};
/** From the worst to the best. */
const ORDER = Object.keys(WORDS) as PolicyNodeState[];

/** How far each node is with a policy, those that are missing first. Ends with a line break. */
export function rolloutText(rollout: Rollout, style: Style, options: RolloutTextOptions): string {
  const nodes = [...rollout.nodes].sort(
    (a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state) || compareNames(a.node, b.node),
  );
  const missing = nodes.filter((node) => !isDone(node));
  const done = nodes.filter(isDone);
  const isLong = !options.all && nodes.length > MOST_DONE_SHOWN;
  const shown = [...(isLong ? missing.slice(0, MOST_SHOWN) : missing), ...(isLong ? [] : done)];
  const lines = inColumns([HEAD, ...shown.map((node) => cells(node, style))]);
  const text = [title(rollout, style), ""];
  if (shown.length > 0) text.push(style.bold(`  ${lines[0]!}`));
  for (const [i, { messages }] of shown.entries()) {
    text.push(`  ${lines[i + 1]!}`, ...messages.map((each) => `      ${each}`));
  }
  if (isLong && missing.length > MOST_SHOWN) {
    text.push(`  ... and ${missing.length - MOST_SHOWN} more that are missing (--all lists them)`);
  }
  if (isLong) text.push(...doneLines(done).map((each) => `  ${each}`));
  text.push("", `  ${verdict(rollout, missing, options, style)}`, ...adviceLines(missing), "");
  return text.join("\n");
}

function title({ policy, wanted, exists }: Rollout, style: Style): string {
  if (wanted.kind === "enforced") {
    const gone = exists ? "" : style.red(", which has been deleted meanwhile");
    return `${style.bold(policy)}${versionSuffix(wanted.version)}${gone}`;
  }
  return `${style.bold(policy)}, ${exists ? style.yellow("to be deleted, and still there") : "deleted"}`;
}

function versionSuffix({ generation, resourceVersion }: PolicyVersion): string {
  return `, ${generation === undefined ? "" : `generation ${generation}, `}resource version ${resourceVersion}`;
}

const HEAD: readonly Cell[] = ["NODE", "STATE", "PODS", "ENFORCED THERE"].map((text) => ({ text }));

function cells({ node, state, policy }: PolicyOnNode, style: Style): readonly Cell[] {
  const colour =
    state === "behind" || state === "still-enforced"
      ? style.yellow
      : state === "enforced" || state === "gone"
        ? style.green
        : state === "nothing-to-do"
          ? style.dim
          : style.red;
  return [
    { text: node, style: style.bold },
    { text: policy?.audited && state === "enforced" ? "audited" : WORDS[state], style: colour },
    { text: policy !== undefined ? String(policy.localPods) : state === "gone" ? "-" : "?" },
    enforcedThere(policy, state),
  ];
}

function enforcedThere(policy: PolicyOnNode["policy"], state: PolicyNodeState): Cell {
  if (state === "no-answer") return { text: "nothing known" };
  return { text: policy?.enforced === undefined ? "nothing" : versionText(policy.enforced) };
}

function versionText({ generation, resourceVersion }: PolicyVersion): string {
  return generation === undefined ? resourceVersion : `${generation} (${resourceVersion})`;
}

function doneLines(done: readonly PolicyOnNode[]): string[] {
  const count = (state: PolicyNodeState): number => done.filter((each) => each.state === state).length;
  const line = (state: PolicyNodeState, one: string, many: string): string[] => {
    const number = count(state);
    return number === 0 ? [] : [`${number.toLocaleString("en")} ${number === 1 ? one : many}`];
  };
  return [
    ...line("enforced", "node enforces it", "nodes enforce it"),
    ...line("nothing-to-do", "node has no pod that it selects", "nodes have no pod that it selects"),
    ...line("gone", "node enforces nothing of it", "nodes enforce nothing of it"),
  ];
}

function verdict(
  { wanted, exists, complete, nodes }: Rollout,
  missing: readonly PolicyOnNode[],
  { ignoreUnready }: RolloutTextOptions,
  style: Style,
): string {
  const audited = nodes.some(({ policy }) => policy?.audited === true);
  if (complete) {
    const but = missing.length === 0 ? "" : `, but for what is not known of ${names(missing)}`;
    if (wanted.kind === "gone") return style.green(`no node that matters enforces it any more${but}`);
    if (nodes.every(({ state }) => state !== "enforced")) {
      return `${style.yellow("it selects no pod of any node")}${but}`;
    }
    const goal = audited ? "in audit mode (logged, not denied)" : "enforced";
    return style.green(`it is ${goal} on every node that matters${but}`);
  }
  if (!exists && wanted.kind === "enforced") return style.red("it has been deleted");
  if (nodes.length === 0) return style.red("no node has been asked");
  if (missing.length === 0) return style.yellow("no node enforces it, but the API server still has it");
  const hint = ignoreUnready || missing.every(({ state }) => state !== "no-answer" && state !== "not-ready");
  const way = hint ? "" : " (--ignore-unready leaves nodes out that are not ready)";
  return style.red(`not yet: ${names(missing)}${way}`);
}

function names(nodes: readonly PolicyOnNode[]): string {
  const shown = nodes
    .slice(0, MOST_NAMES)
    .map(({ node, state }) => `${node} (${WORDS[state].toLowerCase()})`);
  if (nodes.length > shown.length) shown.push(`${nodes.length - shown.length} more`);
  return shown.join(", ");
}
