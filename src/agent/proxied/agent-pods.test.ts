import { describe, expect, it } from "vitest";
import { agentPod } from "./agent-pods.ts";

const pod = (
  status: object,
  rest: { metadata?: object; ports?: object[] } = {},
): Record<string, unknown> => ({
  metadata: {
    name: "podwall-x",
    namespace: "podwall-system",
    creationTimestamp: "2030-01-01T00:00:00Z",
    ...rest.metadata,
  },
  spec: {
    nodeName: "one",
    containers: [
      { name: "side", ports: [{ name: "metrics", containerPort: 1 }] },
      { name: "agent", ports: rest.ports ?? [{ name: "http", containerPort: 9643 }] },
    ],
  },
  status,
});

describe("agentPod", () => {
  it("finds node, port and readiness", () => {
    const conditions = [{ type: "Ready", status: "True" }];
    expect(agentPod(pod({ phase: "Running", conditions }))).toEqual([
      {
        namespace: "podwall-system",
        name: "podwall-x",
        node: "one",
        port: 9643,
        ready: true,
        notRunning: undefined,
        leaving: false,
        created: "2030-01-01T00:00:00Z",
      },
    ]);
  });

  it("knows no port of another name", () => {
    const [found] = agentPod(pod({ phase: "Running" }, { ports: [{ name: "web", containerPort: 80 }] }));
    expect(found).toMatchObject({ port: undefined, ready: false });
  });

  it("sees that a pod is being deleted", () => {
    const metadata = { deletionTimestamp: "2030-01-01T00:00:00Z" };
    expect(agentPod(pod({ phase: "Running" }, { metadata }))).toMatchObject([{ leaving: true }]);
  });

  it("leaves out what has ended for good", () => {
    expect(agentPod(pod({ phase: "Failed", reason: "Evicted" }))).toEqual([]);
    expect(agentPod(pod({ phase: "Succeeded" }))).toEqual([]);
  });

  it.each([
    [
      "a container that waits",
      {
        phase: "Running",
        containerStatuses: [
          { state: { running: {} } },
          { state: { waiting: { reason: "CrashLoopBackOff", message: "back-off 5m0s" } } },
        ],
      },
      "CrashLoopBackOff (back-off 5m0s)",
    ],
    [
      "a container that has ended",
      { phase: "Running", containerStatuses: [{ state: { terminated: { reason: "OOMKilled" } } }] },
      "OOMKilled",
    ],
    [
      "a pod that no node takes",
      {
        phase: "Pending",
        conditions: [
          { type: "PodScheduled", status: "False", reason: "Unschedulable", message: "0/3 nodes" },
        ],
      },
      "Unschedulable (0/3 nodes)",
    ],
    ["a pod that is new", { phase: "Pending" }, "it has not started yet"],
    ["a pod without a status", {}, "it has not started yet"],
  ])("says what keeps %s from answering", (_, status, words) => {
    expect(agentPod(pod(status))).toMatchObject([{ notRunning: words }]);
  });
});
