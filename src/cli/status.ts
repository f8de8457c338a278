import { setTimeout as sleep } from "node:timers/promises";
import type { AgentFailure } from "../agent/proxied/agent-failure.ts";
import { type ClusterStatus, isReady, readClusterStatus } from "../agent/proxied/cluster-status.ts";
import { clusterStatusJson } from "../report/cluster-status-json.ts";
import { clusterStatusText } from "../report/cluster-status-text.ts";
import type { KubeClient } from "../source/kube/client.ts";
import { KubeError } from "../source/kube/kube-error.ts";
import { type ClusterOptions, untilInterrupted, withCluster } from "./cluster-client.ts";
import { EXIT_BAD_INPUT, EXIT_NO, EXIT_OK } from "./exit-code.ts";
import { counterLine, styleFor } from "./terminal.ts";
import { UsageError } from "./usage-error.ts";

export interface StatusOptions extends ClusterOptions {
  readonly output: "text" | "json";
  readonly all?: boolean;
  readonly watch?: boolean;
  readonly namespace?: string;
  readonly wait?: boolean;
  readonly deleted?: boolean;
  readonly ignoreUnready?: boolean;
  /** Milliseconds. */
  readonly timeout: number;
}

/** Cursor home, screen and what was scrolled away erased. */
const CLEAR = "\u001b[H\u001b[2J\u001b[3J";

/** Between two looks of `--watch`: every one of them asks every node. */
const WATCH_PAUSE = 5_000;

/** `podwall status`: how the agents of a cluster are, or how far they are with policies. */
export async function statusCommand(policies: readonly string[], options: StatusOptions): Promise<number> {
  if (policies.length > 0) {
    if (options.watch === true) throw new UsageError("--watch is for the nodes; with a policy, use --wait");
    const { policyStatusCommand } = await import("./policy-status.ts");
    return policyStatusCommand(policies, options);
  }
  for (const [name, given] of Object.entries({
    "--wait": options.wait,
    "--deleted": options.deleted,
    "--ignore-unready": options.ignoreUnready,
    "--namespace": options.namespace !== undefined,
  })) {
    if (given === true) throw new UsageError(`${name} is about policies: name one, as in netpol/NAME`);
  }
  return withCluster(options, (client) =>
    options.watch === true ? watch(client, options) : lookOnce(client, options),
  );
}

async function lookOnce(client: KubeClient, options: StatusOptions): Promise<number> {
  const cluster = await readStatus(client, options);
  process.stdout.write(printed(cluster, options));
  return exitCodeOf(cluster);
}

/** The screen anew on a terminal; elsewhere one report after the other. What worked once is tried again. */
function watch(client: KubeClient, options: StatusOptions): Promise<number> {
  return untilInterrupted(async (signal) => {
    for (let reports = 0; ; ) {
      try {
        const cluster = await readStatus(client, options, signal);
        const clear = process.stdout.isTTY && options.output === "text" ? CLEAR : "";
        process.stdout.write(`${clear}${printed(cluster, options)}`);
        reports++;
      } catch (error) {
        if (signal.aborted) return EXIT_OK;
        if (reports === 0 || !(error instanceof KubeError)) throw error;
        process.stderr.write(`podwall status: ${error.message}; trying again\n`);
      }
      try {
        await sleep(WATCH_PAUSE * (0.9 + Math.random() / 5), undefined, { signal });
      } catch (error) {
        if (signal.aborted) return EXIT_OK;
        throw error;
      }
    }
  });
}

async function readStatus(
  client: KubeClient,
  { agentNamespace }: StatusOptions,
  signal?: AbortSignal,
): Promise<ClusterStatus> {
  const line = counterLine(process.stderr);
  const cluster = await readClusterStatus(client, {
    namespace: agentNamespace,
    signal,
    // Nodes that answer at once need no counter.
    onProgress: (nodes) => nodes % 10 === 0 && line.show("asking the agents", nodes),
  }).finally(() => line.clear());
  const refused = refusalOfAll(cluster.nodes);
  if (refused !== undefined) throw new UsageError(refused);
  if (cluster.nodes.length === 0 && cluster.nodesUnknown !== undefined)
    throw new UsageError(noAgents(cluster.namespace));
  return cluster;
}

function printed(cluster: ClusterStatus, { output, all, watch: isWatch }: StatusOptions): string {
  if (output === "json") {
    return `${JSON.stringify(clusterStatusJson(cluster), undefined, isWatch === true ? 0 : 2)}\n`;
  }
  const text = clusterStatusText(cluster, styleFor(process.stdout), { all: all === true });
  const nobody = cluster.nodes.every(({ pod }) => pod === undefined);
  return nobody ? `${text}${noAgents(cluster.namespace)}\n` : text;
}

/** 2 where nothing is wrong with what is known, but not everything is. */
function exitCodeOf({ nodes, nodesUnknown, unscheduled }: ClusterStatus): number {
  if (!nodes.every(isReady) || unscheduled.length > 0 || nodes.length === 0) return EXIT_NO;
  return nodesUnknown === undefined ? EXIT_OK : EXIT_BAD_INPUT;
}

/** The way to the agents is closed to this user: one message, not one a node. Undefined if anybody has answered. */
export function refusalOfAll(nodes: readonly { readonly failure?: AgentFailure }[]): string | undefined {
  if (nodes.some(({ failure }) => failure === undefined)) return undefined;
  const refused = nodes.find(({ failure }) => failure?.code === "forbidden")?.failure;
  if (refused === undefined) return undefined;
  const uncovered = nodes.filter(({ failure }) => failure?.code === "no-agent").length;
  return [
    refused.message,
    ...(refused.help === undefined ? [] : [refused.help]),
    ...(uncovered === 0
      ? []
      : [`Besides, ${uncovered} of ${nodes.length} nodes have no agent: nothing is enforced there.`]),
  ].join("\n  ");
}

export function noAgents(namespace: string | undefined): string {
  return `no agent of podwall was found${namespace === undefined ? "" : ` in namespace ${namespace}`}: there are no pods with the labels app.kubernetes.io/name=podwall and app.kubernetes.io/component=agent\n  Is it installed in this cluster?`;
}
