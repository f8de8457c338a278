// An agent that does nothing, for tests of what is told about it.
import type { FlowLogEvent } from "../../../dataplane/flow-log/event.ts";
import { cutTexts, problemText, repairText } from "../../../report/enforcement-text.ts";
import { flowJson } from "../../../report/flow-json.ts";
import { flowText } from "../../../report/flow-text.ts";
import { plainStyle } from "../../../report/style.ts";
import type { AgentStatus, PolicyStatus } from "../../agent-status.ts";
import { type AgentLogger, createLogger } from "../logger.ts";
import type { AgentView } from "../telemetry.ts";
import type { AgentWords } from "../words.ts";

export const WORDS: AgentWords = {
  flowDocument: flowJson,
  flowLine: (event) => flowText(event, plainStyle),
  problem: problemText,
  repair: repairText,
  cuts: cutTexts,
};

/** A log in memory. */
export function testLogger(): { logger: AgentLogger; lines: () => Record<string, unknown>[] } {
  const lines: string[] = [];
  const stream = { write: (line: string) => void lines.push(line) };
  return {
    logger: createLogger({ level: "debug", node: "n1", stream }),
    lines: () => lines.map((line) => JSON.parse(line) as Record<string, unknown>),
  };
}

export const STATUS: AgentStatus = {
  node: "n1",
  version: "1.2.3",
  started: "2030-01-01T00:00:00.000Z",
  now: "2030-01-01T00:01:00.000Z",
  phase: "following",
  ready: true,
  troubles: [],
  source: {
    server: "https://192.0.2.1:6443",
    synced: true,
    resources: [
      {
        resource: "pods",
        state: "watching",
        objects: 7,
        lastHeard: "2030-01-01T00:00:57.500Z",
        lists: 1,
        watches: 2,
      },
      { resource: "clusternetworkpolicies", state: "absent", objects: 0, lists: 0, watches: 0 },
    ],
  },
  enforcement: {
    seenGeneration: 12,
    programmedGeneration: 11,
    lagMillis: 250,
    lastProgrammed: "2030-01-01T00:00:59.000Z",
    lastSyncMillis: 4,
    closedPods: [],
  },
  verification: { last: "2030-01-01T00:00:30.000Z", differences: 0, repairs: 0 },
  counts: {
    pods: 7,
    localPods: 3,
    isolatedPods: 2,
    namespaces: 4,
    nodes: 5,
    networkPolicies: 2,
    clusterPolicies: 1,
    brokenPolicies: 0,
    auditedPolicies: 0,
  },
};

/** A policy that is in force as it was seen, unless told otherwise. */
export function policyStatus(policy: string, other: Partial<PolicyStatus> = {}): PolicyStatus {
  const version = { uid: `uid of ${policy}`, generation: 1, resourceVersion: "100" };
  return {
    policy,
    seen: version,
    enforced: version,
    localPods: 1,
    audited: false,
    troubles: [],
    ...other,
  };
}

/** A view whose answers a test may change. */
export interface TestView extends AgentView {
  current: AgentStatus;
  known: readonly PolicyStatus[];
  sick: string | undefined;
  tell(event: FlowLogEvent): void;
  readonly listeners: number;
}

export function testView(): TestView {
  const listeners = new Set<(event: FlowLogEvent) => void>();
  return {
    current: STATUS,
    known: [],
    sick: undefined,
    status() {
      return this.current;
    },
    policies() {
      return this.known;
    },
    sickness() {
      return this.sick;
    },
    onFlow: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    tell: (event) => {
      for (const listener of listeners) listener(event);
    },
    get listeners() {
      return listeners.size;
    },
  };
}
