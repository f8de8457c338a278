import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { AgentStatus, PolicyStatus } from "../../src/agent/agent-status.ts";
import type { FlowDocument } from "../../src/report/flow-json.ts";

/** Something that answers as an agent does, with what a test puts into it. */
export interface StandInAgent {
  readonly port: number;
  status: AgentStatus;
  policies: readonly PolicyStatus[];
  /** Paths with their queries, in the order of the requests. */
  readonly requests: string[];
  /** How many follow its flows now. */
  readonly followers: number;
  tell(flow: FlowDocument): void;
  /** Ends the streams without a word, as an agent that is killed. */
  breakStreams(): void;
  close(): Promise<void>;
}

/** The status of an agent that is well. */
export function wellStatus(node: string, rest: Partial<AgentStatus> = {}): AgentStatus {
  return {
    node,
    version: "0.1.0",
    started: "2026-11-26T08:00:00.000Z",
    now: "2026-11-26T09:00:00.000Z",
    phase: "following",
    ready: true,
    troubles: [],
    source: { server: "https://127.0.0.1", synced: true, resources: [] },
    enforcement: { seenGeneration: 7, programmedGeneration: 7, lagMillis: 0, closedPods: [] },
    verification: { last: "2026-11-26T08:57:00.000Z", differences: 0, repairs: 0 },
    counts: {
      pods: 30,
      localPods: 10,
      isolatedPods: 3,
      namespaces: 4,
      nodes: 3,
      networkPolicies: 8,
      clusterPolicies: 1,
      brokenPolicies: 0,
      auditedPolicies: 0,
    },
    ...rest,
  };
}

export async function standInAgent(address: string, status: AgentStatus): Promise<StandInAgent> {
  const streams = new Set<ServerResponse>();
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(request.url!);
    const { pathname, searchParams } = new URL(request.url!, "http://agent");
    const json = (body: object): void =>
      void response.setHeader("content-type", "application/json").end(JSON.stringify(body));
    if (pathname === "/v1/status") json({ schema: "podwall.status/v1", ...agent.status });
    else if (pathname === "/v1/policies") {
      const asked = searchParams.get("policy");
      const policies = agent.policies.filter(({ policy }) => asked === null || policy === asked);
      json({ schema: "podwall.policies/v1", node: agent.status.node, policies });
    } else if (pathname === "/v1/flows") {
      streams.add(response.on("close", () => streams.delete(response)));
      response.setHeader("content-type", "application/x-ndjson").write("\n");
    } else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, address, resolve));
  const agent: StandInAgent = {
    port: (server.address() as AddressInfo).port,
    status,
    policies: [],
    requests,
    get followers() {
      return streams.size;
    },
    tell: (flow) => streams.forEach((stream) => void stream.write(`${JSON.stringify(flow)}\n`)),
    breakStreams: () => streams.forEach((stream) => void stream.socket?.resetAndDestroy()),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return agent;
}
