import { describe, expect, it } from "vitest";
import type { AgentStatus } from "../agent/agent-status.ts";
import { NO_AGENT, wrongNode } from "../agent/proxied/agent-failure.ts";
import type { ClusterStatus, NodeStatus } from "../agent/proxied/cluster-status.ts";
import { STATUS } from "../agent/telemetry/testing/agent.ts";
import { clusterStatusText } from "./cluster-status-text.ts";
import { plainStyle } from "./style.ts";

const well = (node: string, rest: Partial<AgentStatus> = {}): NodeStatus => ({
  node,
  pod: `podwall-system/podwall-${node}`,
  otherPods: [],
  status: { ...STATUS, node, enforcement: { ...STATUS.enforcement, seenGeneration: 11 }, ...rest },
});
const many = (count: number): NodeStatus[] => Array.from({ length: count }, (_, i) => well(`node-${i + 1}`));
const cluster = (nodes: readonly NodeStatus[], rest: Partial<ClusterStatus> = {}): ClusterStatus => ({
  nodes,
  unscheduled: [],
  namespace: undefined,
  nodesUnknown: undefined,
  ...rest,
});
const text = (status: ClusterStatus, all = false): string => clusterStatusText(status, plainStyle, { all });

describe("the status of a cluster", () => {
  it("has those with troubles first, and what is wrong under them", () => {
    const trouble = { code: "bridge", blocksReady: false, message: "packets of bridge br0 pass by" } as const;
    const nodes = [well("a"), well("b", { troubles: [trouble] }), well("c", { ready: false })];
    const gap: NodeStatus = { node: "d", otherPods: [], failure: NO_AGENT };
    expect(text(cluster([...nodes, gap]))).toBe(
      [
        "NODE  READY     PHASE      GENERATION  POLICIES  PODS  VERIFIED",
        "d     NO AGENT",
        "c     NO        following  11          3         2/3   30 s ago",
        "b     yes       following  11          3         2/3   30 s ago",
        "    bridge: packets of bridge br0 pass by",
        "a     yes       following  11          3         2/3   30 s ago",
        "",
        "4 nodes: 2 ready, 1 not ready, 1 without an agent: nothing is enforced there",
        "",
        "  d: Do taints, or a nodeSelector, keep its DaemonSet away?",
        "",
      ].join("\n"),
    );
  });

  it("tells lag, broken policies and differences in their columns", () => {
    const { enforcement, counts, verification } = STATUS;
    const line = (rest: Partial<AgentStatus>): string => text(cluster([well("a", rest)])).split("\n")[1]!;
    expect(line({ enforcement: { ...enforcement, lagMillis: 90_000 } })).toContain("11 of 12, 90 s behind");
    expect(line({ counts: { ...counts, brokenPolicies: 1 } })).toContain("3, 1 broken");
    expect(line({ verification: { ...verification, differences: 2 } })).toContain("2 differ");
    expect(line({ verification: { differences: 0, repairs: 0 } })).toContain("not yet");
  });

  it("folds nodes that are well where there are many", () => {
    const bad = well("bad", { ready: false });
    expect(text(cluster([...many(99), bad]))).toContain(
      "\n99 nodes are ready\n\n100 nodes: 99 ready, 1 not ready\n",
    );
    expect(text(cluster([...many(99), bad]))).not.toContain("node-50");
    expect(text(cluster([...many(99), bad]), true)).toContain("node-50");
    expect(text(cluster(many(20)))).toContain("node-20");
  });

  it("does not print hundreds that are not, and says how many it does not", () => {
    const dark = many(300).map(({ node }): NodeStatus => ({ node, otherPods: [], failure: NO_AGENT }));
    expect(text(cluster(dark))).toContain("... and 260 more that are not well (--all lists them)");
    expect(text(cluster(dark)).match(/NO AGENT/g)).toHaveLength(40);
    expect(text(cluster(dark), true).match(/NO AGENT/g)).toHaveLength(300);
  });

  it("gives each piece of advice once", () => {
    const pod = {
      ...{ namespace: "podwall-system", name: "x", node: "a", port: 1, ready: true },
      ...{ notRunning: undefined, leaving: false, created: "" },
    };
    const lost = (node: string): NodeStatus => ({ node, otherPods: [], failure: wrongNode(pod, node, "z") });
    expect(text(cluster([lost("a"), lost("b")])).match(/NODE_NAME/g)).toHaveLength(1);
  });

  it("tells of several versions, of several agents on a node, and of pods without one", () => {
    const nodes = [
      well("a"),
      well("b", { version: "2.0.0" }),
      { ...well("c"), otherPods: ["podwall-system/y"] },
    ];
    const waiting = {
      ...{ namespace: "podwall-system", name: "z", node: undefined, port: 1, ready: false },
      ...{ notRunning: "Unschedulable (0/3 nodes)", leaving: false, created: "" },
    };
    const output = text(cluster(nodes, { unscheduled: [waiting], nodesUnknown: "nodes is forbidden" }));
    expect(output).toContain("versions: 1.2.3 on 2, 2.0.0 on 1");
    expect(output).toContain("more than one agent: podwall-system/y too");
    expect(output).toContain("pod podwall-system/z waits for a node: Unschedulable (0/3 nodes)");
    expect(output).toContain("Nodes without an agent cannot be told");
  });
});
