import type { AgentStatus, PolicyStatus } from "../../src/agent/agent-status.ts";
import { createTelemetry } from "../../src/agent/telemetry/create-telemetry.ts";
import { openAgentServer } from "../../src/agent/telemetry/server/agent-server.ts";
import { STATUS, testLogger, testView, WORDS } from "../../src/agent/telemetry/testing/agent.ts";
import type { FlowLogEvent } from "../../src/dataplane/flow-log/event.ts";
import { flowJson } from "../../src/report/flow-json.ts";

/** The real server of an agent that enforces nothing: it says what a test has it say. */
export interface IdleAgent {
  readonly port: number;
  status: AgentStatus;
  policies: readonly PolicyStatus[];
  /** How often it was asked for its policies. */
  readonly asked: number;
  /** How many follow its flows now. */
  readonly followers: number;
  tell(event: FlowLogEvent): void;
  /** Ends, and listens again at the same port, as an agent that is started anew. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

/** The status of an agent that is well. */
export function wellStatus(node: string, rest: Partial<AgentStatus> = {}): AgentStatus {
  const enforcement = { ...STATUS.enforcement, seenGeneration: 11, lagMillis: 0 };
  return { ...STATUS, node, enforcement, ...rest };
}

export async function idleAgent(address: string, node: string): Promise<IdleAgent> {
  let asked = 0;
  const view = testView();
  const countingView = {
    ...view,
    status: () => agent.status,
    policies: () => {
      asked++;
      return agent.policies;
    },
  };
  const { logger } = testLogger();
  const telemetry = createTelemetry({
    node,
    version: "1.2.3",
    view: () => view,
    logger,
    words: WORDS,
    processMetrics: false,
  });
  const open = (port: number): ReturnType<typeof openAgentServer> =>
    openAgentServer({
      listen: `${address}:${port}`,
      node,
      view: countingView,
      telemetry,
      logger,
      flowDocument: flowJson,
    });
  let server = await open(0);
  const { port } = server;
  const agent: IdleAgent = {
    port,
    status: wellStatus(node),
    policies: [],
    get asked() {
      return asked;
    },
    get followers() {
      return view.listeners;
    },
    tell: view.tell,
    async restart() {
      await server.close();
      server = await open(port);
    },
    close: () => server.close(),
  };
  return agent;
}
