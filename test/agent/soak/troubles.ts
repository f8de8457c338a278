import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { TABLE } from "../../../src/dataplane/program/program.ts";
import type { Random } from "../../generators/random.ts";
import type { AgentCluster } from "../harness/agent-cluster.ts";
import type { Changing } from "../harness/changing.ts";
import type { Guard, Pair } from "../harness/guard.ts";
import { readKernel } from "../harness/model.ts";
import { waitFor, waitUntilNone } from "../harness/wait-for.ts";
import { isKeptBy } from "./stage.ts";

export interface Troubles {
  /** Makes one, at random, and waits until its cause is over; what it did may still be to heal. Gives its kind. */
  make(): Promise<string>;
  /** How many of each kind were made. */
  readonly kinds: Readonly<Record<string, number>>;
  /** While the rules of a node were gone by somebody else's hand, and until they were back. */
  readonly meanwhile: {
    /** Packets that may never pass and did. */
    readonly passed: number;
    /** Packets that must pass and did not: a large table is loaded closed, and opened afterwards. */
    readonly dropped: number;
  };
}

export interface TroublesOptions {
  readonly cluster: AgentCluster;
  readonly guard: Guard;
  readonly churn: Changing;
  readonly random: Random;
  /** Starts a node's agent anew. */
  readonly start: (node: string) => void;
  /** Nodes whose agents may be ended now. */
  readonly mayEnd: () => readonly string[];
}

/** Longer than the longest back-off, and a list after it. */
export const PATIENCE = 120_000;
/** What was sent before the rules were back has arrived by then, and is seen. */
const ARRIVE_MILLIS = 200;

/** What agents, API server and nodes go through in a night. */
export function createTroubles({ cluster, guard, churn, random, start, mayEnd }: TroublesOptions): Troubles {
  const { network, server } = cluster;
  const nodes = [...cluster.nodes.keys()];
  const kinds: Record<string, number> = {};
  const meanwhile = { passed: 0, dropped: 0 };

  const nft = async (node: string, ...command: string[]): Promise<void> => {
    const { code, stderr } = await network.runInNode(node, ["nft", ...command]);
    assert.equal(code, 0, `nft ${command.join(" ")}: ${stderr}`);
  };
  /**
   * While the rules of a node are gone by a hand that is not ours, what it alone keeps apart is let through, and while a
   * large table is loaded again, what begins or ends on the node is stopped: both are counted apart, from before it is
   * done until the rules are back. Pairs of others are watched on, and held connections must live through it.
   */
  const whileRulesAreGone = async (node: string, act: () => Promise<void>): Promise<void> => {
    const isConcerned = (pair: Pair): boolean => isOfNode(cluster, node, pair);
    const lost = await guard.renew(isConcerned);
    assert.equal(lost, 0, "packets that must pass were dropped before");
    meanwhile.passed += await guard.except(
      async () => {
        await act();
        await sleep(ARRIVE_MILLIS);
      },
      (pair) => isKeptBy(node, pair),
    );
    meanwhile.dropped += await guard.renew(isConcerned);
  };
  const untilRepaired = async (node: string, act: () => Promise<void>): Promise<void> => {
    const agent = cluster.agent(node);
    await agent.ready(PATIENCE);
    await whileRulesAreGone(node, async () => {
      const repairs = async (): Promise<number> => (await agent.status()).verification.repairs;
      // Once is not enough on a machine that is busy.
      const before = await waitFor(`node ${node} answers`, repairs);
      await act();
      await waitUntilNone(`node ${node} has repaired its rules`, async () => {
        const now = await repairs();
        return now > before ? undefined : `repairs: ${now}, as before`;
      });
    });
  };
  const end = async (node: string): Promise<void> => {
    const agent = cluster.agent(node);
    // Some have not had the time to start.
    const isReady = random.chance(0.7);
    const isKilled = random.chance(0.5);
    if (isReady) await agent.ready(PATIENCE);
    if (isKilled) return agent.kill();
    const code = await agent.stop();
    if (isReady) assert.equal(code, 0, `the agent of node ${node}, when it was asked to end`);
  };

  const agentEnded = async (): Promise<void> => {
    const node = random.pick(mayEnd());
    const away = random.int(0, 2_000);
    await end(node);
    await sleep(away);
    start(node);
  };

  /**
   * Not the node whose agent's memory is judged: what the floods open while there are no rules is cut afterwards, and kept in
   * mind for ten minutes, thousands of connections each time.
   */
  const mayFlood = mayEnd;

  const all: readonly (readonly [
    weight: number,
    trouble: readonly [string, () => Promise<void>, mayEnd?: boolean],
  ])[] = [
    [6, ["agent-ended", agentEnded, true]],
    [
      1,
      [
        "server-restarted",
        () => {
          const away = random.int(0, 3_000);
          // Nobody changes anything while it is away; the last change was just before.
          return churn.rest(async () => {
            await server.kill();
            await sleep(away);
            await server.restart();
          });
        },
      ],
    ],
    [
      1,
      [
        "server-paused",
        async () => {
          const millis = random.int(5_000, 10_000);
          server.pause();
          try {
            await sleep(millis);
          } finally {
            server.resume();
          }
        },
      ],
    ],
    [
      1,
      [
        "agent-ended-while-server-paused",
        async () => {
          server.pause();
          try {
            await agentEnded();
            await sleep(5_000);
          } finally {
            server.resume();
          }
        },
        true,
      ],
    ],
    [2, ["etcd-compacted", () => server.compact()]],
    [
      1,
      [
        "etcd-compacted-and-server-restarted",
        () =>
          churn.rest(async () => {
            await server.compact();
            await server.restart();
          }),
      ],
    ],
    [
      3,
      [
        "ruleset-flushed",
        () => {
          const node = random.pick(mayFlood());
          return untilRepaired(node, () => nft(node, "flush", "ruleset"));
        },
        true,
      ],
    ],
    [
      3,
      [
        "chain-taken",
        () => {
          const [node, verb] = [random.pick(mayFlood()), random.pick(["flush", "delete"])];
          return untilRepaired(node, () => nft(node, verb, "chain", ...TABLE.split(" "), "forward"));
        },
        true,
      ],
    ],
    [
      1,
      [
        "ruleset-flushed-without-agent",
        async () => {
          const node = random.pick(mayEnd());
          await end(node);
          await whileRulesAreGone(node, async () => {
            await nft(node, "flush", "ruleset");
            start(node);
            await waitUntilNone(`node ${node} has rules again`, async () =>
              (await readKernel(network, node)).chains.size > 0 ? undefined : "there are none",
            );
          });
        },
        true,
      ],
    ],
    [3, ["ruleset-listed", () => nft(random.pick(nodes), "list", "ruleset")]],
  ];

  return {
    kinds,
    meanwhile,
    async make() {
      const possible = all.filter(([, [, , ends = false]]) => !ends || mayEnd().length > 0);
      const [kind, trouble] = random.weighted(possible);
      try {
        await trouble();
      } catch (error) {
        throw new Error(`${kind}: ${(error as Error).message}`, { cause: error });
      }
      kinds[kind] = (kinds[kind] ?? 0) + 1;
      return kind;
    },
  };
}

function isOfNode({ kubelet }: AgentCluster, node: string, pair: Pair): boolean {
  return pair.some((end) => kubelet.pod(end).node === node);
}
