import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import type { AgentStatus, PolicyStatus } from "../../../src/agent/agent-status.ts";
import { inNamespace, type Namespace } from "../../../src/linux/netns.ts";
import { PODWALL } from "../../cli/run-podwall.ts";
import { Hopeless, waitUntilNone } from "./wait-for.ts";

/** Of all addresses of a node. */
export const AGENT_PORT = 9643;

/** How to start an agent, and where. */
export interface AgentPlace {
  readonly node: string;
  /** Where the agent can be asked: the node's own address, now. */
  readonly address: () => string;
  readonly namespace: Namespace;
  readonly kubeconfig: string;
  /** A folder for its state. */
  readonly state: string;
  /** Its log goes there; the file grows. */
  readonly log: string;
  /** Further arguments. */
  readonly args?: readonly string[];
  /** The built command line; by default the one in dist/. */
  readonly program?: string;
  /** What starts it, such as setpriv(1) with its arguments; it must become the agent in the end. */
  readonly startedBy?: readonly string[];
}

export interface HttpAnswer {
  readonly status: number;
  readonly text: string;
}

/** An agent on a node: a process of its own, in the node's network namespace. */
export interface AgentProcess {
  readonly node: string;
  readonly pid: number;
  /** How it ended; undefined while it runs. */
  ended(): string | undefined;
  /** Asks it over HTTP, as a kubelet or Prometheus does. Throws where nobody answers. */
  get(path: string): Promise<HttpAnswer>;
  status(): Promise<AgentStatus>;
  policies(): Promise<readonly PolicyStatus[]>;
  /** Waits until `/readyz` says yes. */
  ready(patience?: number): Promise<void>;
  /** Ends it at once, as a crash would. */
  kill(): Promise<void>;
  /** Asks it to end, as a kubelet does (SIGTERM); gives its exit code, `null` where a signal ended it. */
  stop(): Promise<number | null>;
  /** Stops its clock, and lets it go on. */
  pause(): void;
  resume(): void;
  /** All that it and those before it on this node have logged. */
  log(): string;
}

const ANSWER_MILLIS = 5_000;

/** Starts `podwall agent` on a node. Nothing is waited for. */
export function startAgentProcess(place: AgentPlace): AgentProcess {
  const {
    node,
    address,
    namespace,
    kubeconfig,
    state,
    log,
    args = [],
    program = PODWALL,
    startedBy = [],
  } = place;
  const output = openSync(log, "a");
  const [command, ...rest] = [
    ...startedBy,
    ...[process.execPath, program, "agent", "--node", node, "--kubeconfig", kubeconfig],
    ...["--state", state, "--listen", `0.0.0.0:${AGENT_PORT}`, ...args],
  ];
  const child: ChildProcess = inNamespace(namespace, () =>
    spawn(command!, rest, { stdio: ["ignore", output, output], env: { ...process.env, NO_COLOR: "1" } }),
  );
  closeSync(output);
  let end: { readonly code: number | null; readonly words: string } | undefined;
  const gone = new Promise<void>((resolve) => {
    child.on("error", (error) => {
      end = { code: null, words: error.message };
      resolve();
    });
    child.on("exit", (code, signal) => {
      end = { code, words: `it ended with ${signal ?? `status ${code}`}` };
      resolve();
    });
  });
  const get: AgentProcess["get"] = async (path) => {
    const response = await fetch(`http://${address()}:${AGENT_PORT}${path}`, {
      signal: AbortSignal.timeout(ANSWER_MILLIS),
      // One that is kept may be one to a process that is gone.
      headers: { connection: "close" },
    });
    return { status: response.status, text: await response.text() };
  };
  const json = async (path: string): Promise<unknown> => {
    const { status, text } = await get(path);
    if (status !== 200) throw new Error(`${node}: GET ${path}: ${status} ${text}`);
    return JSON.parse(text);
  };
  const agent: AgentProcess = {
    node,
    pid: child.pid!,
    ended: () => end?.words,
    get,
    status: async () => (await json("/v1/status")) as AgentStatus,
    policies: async () => {
      const answer = await json("/v1/policies");
      return (Array.isArray(answer) ? answer : (answer as { items: unknown }).items) as PolicyStatus[];
    },
    async ready(patience) {
      await waitUntilNone(
        `the agent of node ${node} is ready`,
        async () => {
          if (end !== undefined) throw new Hopeless(`${end.words}\n${lastLines(log, 20)}`);
          const { status, text } = await get("/readyz");
          return status === 200 ? undefined : `${status} ${text}`;
        },
        patience,
      );
    },
    async kill() {
      if (end === undefined) child.kill("SIGKILL");
      await gone;
    },
    async stop() {
      if (end === undefined) child.kill("SIGTERM");
      await gone;
      return end!.code;
    },
    pause: () => void child.kill("SIGSTOP"),
    resume: () => void child.kill("SIGCONT"),
    log: () => readFileSync(log, "utf8"),
  };
  return agent;
}

export function lastLines(file: string, count: number): string {
  return readFileSync(file, "utf8").trimEnd().split("\n").slice(-count).join("\n");
}
