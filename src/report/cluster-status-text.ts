import type { AgentStatus } from "../agent/agent-status.ts";
import type { ClusterStatus, NodeStatus } from "../agent/proxied/cluster-status.ts";
import { compareNames } from "../cluster/names.ts";
import { adviceLines } from "./agent-advice.ts";
import { type Cell, inColumns } from "./columns.ts";
import { durationText } from "./durations.ts";
import type { Style } from "./style.ts";

export interface StatusTextOptions {
  /** A line for each node, however many there are. */
  readonly all: boolean;
}

/** With more nodes than this, those that are well share one line. */
const MOST_WELL_SHOWN = 20;
/** A person reads this many that are not. */
const MOST_BAD_SHOWN = 40;
const MOST_TROUBLES_SHOWN = 5;

/** From the worst to the best. */
const HEALTH = ["no-agent", "no-answer", "not-ready", "troubled", "well"] as const;
type Health = (typeof HEALTH)[number];

/** The agents of all nodes, those with troubles first, and a summary. Ends with a line break. */
export function clusterStatusText(cluster: ClusterStatus, style: Style, options: StatusTextOptions): string {
  const nodes = cluster.nodes
    .map((node) => ({ node, health: healthOf(node) }))
    .sort(
      (a, b) => HEALTH.indexOf(a.health) - HEALTH.indexOf(b.health) || compareNames(a.node.node, b.node.node),
    );
  const bad = nodes.filter(({ health }) => health !== "well");
  const well = nodes.filter(({ health }) => health === "well");
  const shownBad = options.all ? bad : bad.slice(0, MOST_BAD_SHOWN);
  const shownWell = options.all || nodes.length <= MOST_WELL_SHOWN ? well : [];
  const shown = [...shownBad, ...shownWell];
  const [head, ...lines] = inColumns([HEAD, ...shown.map(({ node, health }) => cells(node, health, style))]);
  const text = [style.bold(head!)];
  for (const [i, { node }] of shown.entries()) {
    text.push(lines[i]!, ...troublesOf(node).map((each) => `    ${each}`));
    if (i === shownBad.length - 1 && bad.length > shownBad.length) {
      text.push(`... and ${bad.length - shownBad.length} more that are not well (--all lists them)`);
    }
  }
  if (shownWell.length < well.length) text.push(wellLine(well.length, style));
  text.push("", ...summary(cluster, nodes, style), ...adviceLines(shown.map(({ node }) => node)), "");
  return text.join("\n");
}

export function healthOf({ status, failure }: NodeStatus): Health {
  if (status === undefined) return failure?.code === "no-agent" ? "no-agent" : "no-answer";
  if (!status.ready) return "not-ready";
  return status.troubles.length > 0 ? "troubled" : "well";
}

const HEAD: readonly Cell[] = ["NODE", "READY", "PHASE", "GENERATION", "POLICIES", "PODS", "VERIFIED"].map(
  (text) => ({ text }),
);

function cells({ node, status }: NodeStatus, health: Health, style: Style): readonly Cell[] {
  const ready: Readonly<Record<Health, Cell>> = {
    "no-agent": { text: "NO AGENT", style: style.red },
    "no-answer": { text: "UNKNOWN", style: style.red },
    "not-ready": { text: "NO", style: style.red },
    troubled: { text: "yes", style: style.yellow },
    well: { text: "yes", style: style.green },
  };
  const name = { text: node, style: style.bold };
  if (status === undefined) return [name, ready[health]];
  const { enforcement, counts } = status;
  const policies = counts.networkPolicies + counts.clusterPolicies;
  const isBehind = enforcement.programmedGeneration < enforcement.seenGeneration;
  return [
    name,
    ready[health],
    { text: status.phase },
    isBehind
      ? {
          text: `${enforcement.programmedGeneration} of ${enforcement.seenGeneration}, ${durationText(enforcement.lagMillis)} behind`,
          style: style.yellow,
        }
      : { text: String(enforcement.programmedGeneration) },
    counts.brokenPolicies > 0
      ? { text: `${policies}, ${counts.brokenPolicies} broken`, style: style.yellow }
      : { text: String(policies) },
    { text: `${counts.isolatedPods}/${counts.localPods}` },
    verified(status, style),
  ];
}

function verified({ verification, now }: AgentStatus, style: Style): Cell {
  const { last, differences } = verification;
  if (last === undefined) return { text: "not yet", style: style.dim };
  if (differences > 0) return { text: `${differences} differ`, style: style.red };
  // By the node's own clock, which need not be this machine's.
  return { text: `${durationText(Date.parse(now) - Date.parse(last))} ago` };
}

function troublesOf({ status, failure, otherPods }: NodeStatus): string[] {
  const troubles = (status?.troubles ?? []).map(
    ({ code, policy, message }) => `${code}: ${policy === undefined ? "" : `${policy}: `}${message}`,
  );
  const more = troubles.length - MOST_TROUBLES_SHOWN;
  return [
    // Of nodes without an agent the summary says it, once.
    ...(failure === undefined || failure.code === "no-agent" ? [] : [failure.message]),
    ...troubles.slice(0, MOST_TROUBLES_SHOWN),
    ...(more > 0 ? [`... and ${more} more (-o json has them)`] : []),
    ...(otherPods.length === 0 ? [] : [`more than one agent: ${otherPods.join(", ")} too`]),
  ].flatMap((text) => text.split("\n"));
}

function wellLine(count: number, style: Style): string {
  return style.green(`${count.toLocaleString("en")} ${count === 1 ? "node is" : "nodes are"} ready`);
}

function summary(
  { unscheduled, nodesUnknown }: ClusterStatus,
  nodes: readonly { readonly node: NodeStatus; readonly health: Health }[],
  style: Style,
): string[] {
  const count = (...of: readonly Health[]): number =>
    nodes.filter(({ health }) => of.includes(health)).length;
  const parts = [
    `${count("well", "troubled")} ready`,
    ...some(count("not-ready"), "not ready"),
    ...some(count("no-answer"), "unknown"),
    ...some(count("no-agent"), "without an agent: nothing is enforced there"),
  ];
  const versions = new Map<string, number>();
  for (const { node } of nodes) {
    const version = node.status?.version;
    if (version !== undefined) versions.set(version, (versions.get(version) ?? 0) + 1);
  }
  const mixed = [...versions].sort(([a], [b]) => compareNames(a, b));
  const colour = parts.length === 1 ? style.green : style.red;
  return [
    `${nodes.length} ${nodes.length === 1 ? "node" : "nodes"}: ${colour(parts.join(", "))}`,
    ...(mixed.length < 2 ? [] : [`versions: ${mixed.map(([name, n]) => `${name} on ${n}`).join(", ")}`]),
    ...unscheduled.map(
      ({ namespace, name, notRunning }) =>
        `pod ${namespace}/${name} waits for a node: ${notRunning ?? "nobody says why"}`,
    ),
    ...(nodesUnknown === undefined ? [] : [style.yellow(unknownNodesText(nodesUnknown))]),
  ];
}

/** What it means that nodes may not be listed. */
export function unknownNodesText(words: string): string {
  return `Nodes without an agent cannot be told, since you may not list nodes: ${words}.\n  Ask for the ClusterRole podwall-viewer, which comes with podwall, or another with the rule {apiGroups: [""], resources: ["nodes"], verbs: ["list"]}.`;
}

function some(count: number, what: string): string[] {
  return count === 0 ? [] : [`${count} ${what}`];
}
