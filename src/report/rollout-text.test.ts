import { describe, expect, it } from "vitest";
import { NO_AGENT } from "../agent/proxied/agent-failure.ts";
import type { PolicyNodeState, PolicyOnNode } from "../agent/proxied/policy-on-node.ts";
import type { Rollout } from "../agent/proxied/rollout.ts";
import { policyStatus } from "../agent/telemetry/testing/agent.ts";
import { rolloutText } from "./rollout-text.ts";
import { plainStyle } from "./style.ts";

const DB = "NetworkPolicy shop/db";
const VERSION = { uid: "u", generation: 3, resourceVersion: "42" };
const on = (node: string, state: PolicyNodeState, rest: Partial<PolicyOnNode> = {}): PolicyOnNode => ({
  node,
  state,
  messages: [],
  policy: policyStatus(DB, { enforced: VERSION, seen: VERSION, localPods: 2 }),
  ...rest,
});
const rollout = (complete: boolean, ...nodes: readonly PolicyOnNode[]): Rollout => ({
  policy: DB,
  wanted: { kind: "enforced", version: VERSION },
  exists: true,
  nodes,
  complete,
});
const text = (of: Rollout, options = {}): string =>
  rolloutText(of, plainStyle, { all: false, ignoreUnready: false, ...options });
const silent = (node: string): PolicyOnNode => ({
  node,
  state: "no-answer",
  messages: [NO_AGENT.message],
  failure: NO_AGENT,
});

describe("how far a policy is", () => {
  it("is told node by node, those that are missing first", () => {
    expect(text(rollout(false, on("a", "enforced"), on("b", "behind"), silent("c")))).toBe(
      [
        "NetworkPolicy shop/db, generation 3, resource version 42",
        "",
        "  NODE  STATE     PODS  ENFORCED THERE",
        "  c     UNKNOWN   ?     nothing known",
        "      no agent of podwall runs on this node, so no policy is enforced here",
        "  b     behind    2     3 (42)",
        "  a     enforced  2     3 (42)",
        "",
        "  not yet: c (unknown), b (behind) (--ignore-unready leaves nodes out that are not ready)",
        "",
        "  c: Do taints, or a nodeSelector, keep its DaemonSet away?",
        "",
      ].join("\n"),
    );
  });

  it("folds nodes that are done where there are many, and names a few that are not", () => {
    const done = Array.from({ length: 60 }, (_, i) =>
      on(`n${i}`, i % 3 === 0 ? "enforced" : "nothing-to-do"),
    );
    const behind = Array.from({ length: 50 }, (_, i) => on(`m${i}`, "behind"));
    const output = text(rollout(false, ...done, ...behind));
    expect(output).toContain("  20 nodes enforce it\n  40 nodes have no pod that it selects\n");
    expect(output).toContain("... and 10 more that are missing");
    expect(output).toContain("m7 (behind), 42 more");
    expect(text(rollout(false, ...done, ...behind), { all: true })).toContain("  n59 ");
  });

  it.each<[string, Rollout, string]>([
    ["enforced", rollout(true, on("a", "enforced")), "it is enforced on every node that matters"],
    ["of no pods", rollout(true, on("a", "nothing-to-do")), "it selects no pod of any node"],
    [
      "in audit mode",
      rollout(true, on("a", "enforced", { policy: policyStatus(DB, { audited: true }) })),
      "it is in audit mode (logged, not denied) on every node that matters",
    ],
    [
      "enforced, as far as is known",
      rollout(true, on("a", "enforced"), silent("b")),
      "it is enforced on every node that matters, but for what is not known of b (unknown)",
    ],
    [
      "deleted while it was waited for",
      { ...rollout(false, on("a", "behind")), exists: false },
      "it has been deleted",
    ],
    [
      "gone",
      { ...rollout(true, on("a", "gone")), wanted: { kind: "gone", uid: "u" }, exists: false },
      "no node that matters enforces it any more",
    ],
    [
      "to go, and still in the API",
      { ...rollout(false, on("a", "gone")), wanted: { kind: "gone", uid: "u" } },
      "no node enforces it, but the API server still has it",
    ],
    ["of no nodes", rollout(false), "no node has been asked"],
  ])("has a verdict when it is %s", (_, of, verdict) => {
    expect(text(of)).toContain(`\n  ${verdict}\n`);
  });
});
