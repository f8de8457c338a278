import type { AgentFailure } from "../agent/proxied/agent-failure.ts";
import { type FlowFollower, followFlows } from "../agent/proxied/follow-flows.ts";
import { unknownNodesText } from "../report/cluster-status-text.ts";
import { flowDocumentText } from "../report/flow-text.ts";
import type { Query } from "../source/kube/client.ts";
import { type ClusterOptions, untilInterrupted, withCluster } from "./cluster-client.ts";
import { EXIT_OK } from "./exit-code.ts";
import { type FlowSelection, readFlow, selectFlows } from "./flow-selection.ts";
import { styleFor } from "./terminal.ts";
import { UsageError } from "./usage-error.ts";

export interface FlowsOptions extends ClusterOptions, FlowSelection {
  readonly node?: readonly string[];
  readonly audited?: boolean;
  readonly all?: boolean;
  readonly output: "text" | "json";
}

/** `podwall flows`: what the nodes of a cluster deny, as it happens, until Ctrl-C. */
export async function flowsCommand(options: FlowsOptions): Promise<number> {
  const { node: nodes, agentNamespace } = options;
  if (options.audited === true && options.all === true) {
    throw new UsageError("--audited is a part of --all: give one or the other");
  }
  // The way to the agents may be closed to this user: then there is no point in going on.
  const refused = new AbortController();
  const follower = flowPrinter(options, (failure) => refused.abort(failure));
  await withCluster(options, (client) =>
    untilInterrupted((signal) =>
      followFlows(client, follower, {
        namespace: agentNamespace,
        query: queryOf(options),
        signal: AbortSignal.any([signal, refused.signal]),
        ...(nodes === undefined ? {} : { isWanted: (node: string) => nodes.includes(node) }),
      }),
    ),
  );
  if (!refused.signal.aborted) return EXIT_OK;
  const { message, help } = refused.signal.reason as AgentFailure;
  throw new UsageError(help === undefined ? message : `${message}\n  ${help}`);
}

function queryOf({ all, audited }: FlowsOptions): Query {
  if (all === true) return {};
  return audited === true ? { audited: "true" } : { denied: "true" };
}

function flowPrinter(options: FlowsOptions, refuse: (failure: AgentFailure) => void): FlowFollower {
  const isSelected = selectFlows(options);
  const style = styleFor(process.stdout);
  const heard = new Set<string>();
  const lost = new Set<string>();
  const said = new Set<string>();
  const advised = new Set<string>();
  const say = (text: string): void => void process.stderr.write(`podwall flows: ${text}\n`);
  /** What holds on is said once. */
  const sayOnce = (text: string): void => {
    if (!said.has(text)) say(text);
    said.add(text);
  };
  return {
    onFlow(value, node) {
      const flow = readFlow(value);
      if (flow === undefined) throw new Error("it says what this version of podwall cannot read");
      if (!isSelected(flow)) return undefined;
      const line =
        options.output === "json"
          ? JSON.stringify(flow)
          : `${style.cyan(node)} ${flowDocumentText(flow, style)}`;
      // Who reads slowly is waited for: the agent then counts what it drops, and says so.
      return process.stdout.write(`${line}\n`) ? undefined : drained();
    },
    onHeard(node, again) {
      if (again) say(`${node} is heard again; what it told meanwhile is missing`);
      else if (lost.has(node)) say(`${node} is heard now`);
      lost.delete(node);
      heard.add(node);
    },
    onLost(node, failure) {
      lost.add(node);
      if (failure.code === "forbidden" && heard.size === 0) return refuse(failure);
      say(lostText(node, failure, heard.has(node)));
      if (failure.help !== undefined && !advised.has(failure.code))
        process.stderr.write(`  ${failure.help}\n`);
      advised.add(failure.code);
    },
    onCensus({ nodes, nodesUnknown }) {
      const { node: names = [] } = options;
      const unknown = names.filter((name) => nodes.every(({ node }) => node !== name));
      if (unknown.length > 0) sayOnce(`there is no node ${unknown.join(", ")} with an agent; waiting for it`);
      else if (nodes.length === 0) sayOnce("there is no node with an agent; waiting for one");
      if (nodesUnknown !== undefined) sayOnce(unknownNodesText(nodesUnknown));
    },
    onCensusFailure: (error) => say(`the agents cannot be looked for, trying again: ${error.message}`),
  };
}

function lostText(node: string, { message, code }: AgentFailure, wasHeard: boolean): string {
  const again = code === "no-agent" ? "" : "; trying again";
  return `${node} is not heard${wasHeard ? " any more" : ""}: ${message}${again}`;
}

/** Until the output takes more, or is gone. */
function drained(): Promise<void> {
  const { stdout } = process;
  if (!stdout.writable) return Promise.resolve();
  return new Promise((resolve) => {
    const events = ["drain", "close", "error"];
    const done = (): void => {
      for (const event of events) stdout.off(event, done);
      resolve();
    };
    for (const event of events) stdout.on(event, done);
  });
}
