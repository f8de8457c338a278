import { beforeEach, describe, expect, it } from "vitest";
import type { KubeClient } from "../../source/kube/client.ts";
import { KubeError } from "../../source/kube/kube-error.ts";
import { NETWORK_POLICIES } from "../../source/kube/resource.ts";
import { policyStatus, STATUS } from "../telemetry/testing/agent.ts";
import { followRollouts, type RolloutOptions, type RolloutReport } from "./rollout.ts";

// The API server, as far as it is asked: test/apiserver asks a real one. Here is what cannot be had there at will.
const NAME = { resource: NETWORK_POLICIES, namespace: "shop", name: "db" };
const VERSION = { uid: "u", generation: 1, resourceVersion: "5" };

/** What each node's agent answers for its policies, look by look; the last answer stays. */
let answers: Record<string, ("enforced" | "nothing" | "silent")[]>;
let asked: Record<string, number>;
/** Errors of the next requests for the policy itself, after the first. */
let failures: KubeError[];

beforeEach(() => {
  answers = {};
  asked = {};
  failures = [];
});

function client(): KubeClient {
  let reads = 0;
  const get = async (path: string): Promise<unknown> => {
    if (path.endsWith("/networkpolicies/db")) {
      const failure = reads++ === 0 ? undefined : failures.shift();
      if (failure !== undefined) throw failure;
      return { metadata: { name: "db", ...VERSION } };
    }
    if (path === "/api/v1/nodes") {
      return listOf(Object.keys(answers).map((name) => ({ metadata: { name } })));
    }
    if (path === "/api/v1/pods") return listOf(Object.keys(answers).map(podOf));
    const node = /http:agent-([^:]+):9643/.exec(path)![1]!;
    if (path.endsWith("/v1/status")) return { ...STATUS, node };
    asked[node] = (asked[node] ?? 0) + 1;
    const answer = answers[node]!.length > 1 ? answers[node]!.shift()! : answers[node]![0]!;
    if (answer === "silent") throw new KubeError("server", "x answers with 502: no.");
    const policy = policyStatus("NetworkPolicy shop/db", { seen: VERSION, enforced: VERSION });
    return { policies: answer === "enforced" ? [policy] : [] };
  };
  const unused = (): never => {
    throw new Error("not expected here");
  };
  return { context: {} as KubeClient["context"], get, open: unused, post: unused, close: unused };
}

const listOf = (items: readonly object[]): object => ({ metadata: { resourceVersion: "1" }, items });
const podOf = (node: string): object => ({
  metadata: { namespace: "podwall-system", name: `agent-${node}` },
  spec: { nodeName: node, containers: [{ ports: [{ name: "http", containerPort: 9643 }] }] },
  status: { phase: "Running" },
});

const follow = (timeout: number, options: Partial<RolloutOptions> = {}): Promise<RolloutReport> =>
  followRollouts(client(), [NAME], { ignoreUnready: false, deleted: false, ...options }, { timeout });
const states = ({ rollouts }: RolloutReport): Record<string, string> =>
  Object.fromEntries(rollouts[0]!.nodes.map(({ node, state }) => [node, state]));

describe("followRollouts", () => {
  it("looks once without a timeout", async () => {
    answers = { one: ["enforced"], two: ["nothing", "enforced"] };
    const report = await follow(0);
    expect(report.rollouts[0]!.complete).toBe(false);
    expect(states(report)).toEqual({ one: "enforced", two: "behind" });
    expect(asked).toEqual({ one: 1, two: 1 });
  });

  it("asks nodes that are done no more", async () => {
    answers = { one: ["enforced"], two: ["silent", "nothing", "nothing", "enforced"] };
    const report = await follow(60_000);
    expect(report.rollouts[0]!.complete).toBe(true);
    expect(asked).toEqual({ one: 1, two: 4 });
  });

  it("goes on while the API server is away for a moment", async () => {
    answers = { one: ["nothing", "enforced"] };
    failures = [new KubeError("unreachable", "Nothing listens."), new KubeError("server", "503")];
    expect((await follow(60_000)).rollouts[0]!.complete).toBe(true);
    expect(failures).toEqual([]);
  });

  it("does not go on without the right to", async () => {
    answers = { one: ["nothing", "enforced"] };
    failures = [new KubeError("forbidden", "no longer")];
    await expect(follow(60_000)).rejects.toThrow("no longer");
  });

  it("knows nothing of a cluster whose nodes are all silent, whatever does not matter", async () => {
    answers = { one: ["silent"], two: ["silent"] };
    expect((await follow(0, { ignoreUnready: true })).rollouts[0]!.complete).toBe(false);
    answers = { one: ["silent"], two: ["enforced"] };
    expect((await follow(0, { ignoreUnready: true })).rollouts[0]!.complete).toBe(true);
    expect((await follow(0)).rollouts[0]!.complete).toBe(false);
  });

  it("is not done without nodes", async () => {
    expect((await follow(0)).rollouts[0]!.complete).toBe(false);
  });
});
