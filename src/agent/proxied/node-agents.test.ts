import { describe, expect, it } from "vitest";
import type { AgentPod } from "./agent-pods.ts";
import { nodeAgents } from "./node-agents.ts";

const pod = (name: string, node: string | undefined, rest: Partial<AgentPod> = {}): AgentPod => ({
  namespace: "podwall-system",
  name,
  node,
  port: 9643,
  ready: true,
  notRunning: undefined,
  leaving: false,
  created: "2030-01-01T00:00:00Z",
  ...rest,
});

describe("nodeAgents", () => {
  it("lists nodes as people count, those without an agent too", () => {
    const found = nodeAgents([pod("a", "node-10"), pod("b", "node-2")], ["node-1", "node-2", "node-10"]);
    expect(found.map(({ node, pod: its }) => [node, its?.name])).toEqual([
      ["node-1", undefined],
      ["node-2", "b"],
      ["node-10", "a"],
    ]);
  });

  it("knows nodes by their pods alone where it must", () => {
    const found = nodeAgents([pod("a", "one"), pod("b", undefined)], undefined);
    expect(found.map(({ node }) => node)).toEqual(["one"]);
  });

  it.each<[string, Partial<AgentPod>, Partial<AgentPod>]>([
    ["stays", { leaving: false, ready: false }, { leaving: true }],
    ["is ready", { ready: true }, { ready: false, created: "2031-01-01T00:00:00Z" }],
    ["is newer", { created: "2030-01-01T00:00:01Z" }, {}],
  ])("of two pods asks the one that %s", (_, better, worse) => {
    for (const pods of [
      [pod("better", "one", better), pod("worse", "one", worse)],
      [pod("worse", "one", worse), pod("better", "one", better)],
    ]) {
      const [found] = nodeAgents(pods, ["one"]);
      expect([found!.pod?.name, found!.others.map(({ name }) => name)]).toEqual(["better", ["worse"]]);
    }
  });
});
