import assert from "node:assert/strict";
import type { AgentPhase, AgentStatus } from "../../src/agent/agent-status.ts";
import { runInNamespace } from "../../src/linux/command.ts";
import { PODWALL } from "../cli/run-podwall.ts";
import { type AgentCluster, OUTSIDE } from "./harness/agent-cluster.ts";
import type { AgentProcess } from "./harness/agent-process.ts";
import { ageState, breakState } from "./harness/agent-state.ts";
import { FLOWING, holdConnections } from "./harness/held.ts";
import { type InterruptedWay, openInterruptedWay } from "./harness/interrupted-way.ts";
import { kernelDifferences, readKernel, readModel } from "./harness/model.ts";
import type { Way } from "./harness/reach.ts";
import type { Scenario } from "./harness/scenario.ts";
import { waitFor, waitUntilNone } from "./harness/wait-for.ts";
import { admits, fillShop, GUARDED, waysTo } from "./objects.ts";

const FRIENDS = ["shop/friend", "shop/far-friend"];
const STRANGERS = ["shop/stranger", "shop/far-stranger"];
const ALLOWED = waysTo("shop/server", ...FRIENDS);
const DENIED = waysTo("shop/server", ...STRANGERS);

/** What a node does for itself, which is nobody's business but its own. */
const OF_THE_NODE: readonly Way[] = [
  "node:one -> node:two ICMP",
  "node:two -> node:one ICMP",
  `node:one -> ${OUTSIDE} ICMP`,
  `${OUTSIDE} -> node:one ICMP`,
  "node:one -> shop/server TCP/80",
];
const TO_OWN_NODE: Way = "shop/friend -> node:one ICMP";

/** Somebody else's rules, as kube-proxy has some: the kernel knows connections for them, also before there is an agent. */
const OTHER_RULES = `table inet other {
  chain forward { type filter hook forward priority -10; ct state invalid counter; }
}`;

/** Starts an agent on node `one`, and waits for a phase that it stays in. */
async function begin(
  cluster: AgentCluster,
  { kubeconfig }: InterruptedWay,
  phase: AgentPhase,
  ...args: readonly string[]
): Promise<{ readonly agent: AgentProcess; readonly status: AgentStatus; readonly log: () => string }> {
  const before = logLength(cluster);
  const agent = cluster.startAgent("one", { kubeconfig, args });
  const status = await waitFor(`the agent is ${phase}`, async () => {
    assert.equal(agent.ended(), undefined, agent.log().slice(before));
    const seen = await agent.status();
    const hasTried = seen.source.resources.some(({ error }) => error !== undefined);
    return seen.phase === phase && hasTried ? seen : undefined;
  });
  return { agent, status, log: () => agent.log().slice(before) };
}

function logLength(cluster: AgentCluster): number {
  try {
    return cluster.agent("one").log().length;
  } catch {
    // It is the first.
    return 0;
  }
}

function codes({ troubles }: AgentStatus): string[] {
  return [...new Set(troubles.map(({ code }) => code))].sort();
}

function podwallOn(cluster: AgentCluster, ...args: readonly string[]): ReturnType<typeof runInNamespace> {
  const argv = [process.execPath, PODWALL, ...args];
  return runInNamespace(cluster.network.namespaceOf("node:one"), argv, undefined);
}

async function hasTable(cluster: AgentCluster): Promise<boolean> {
  return (await readKernel(cluster.network, "one")).chains.size > 0;
}

async function removeTable(cluster: AgentCluster): Promise<void> {
  await cluster.network.runInNode("one", ["nft", "delete", "table", "inet", "podwall"]);
}

/** The table stays, with its chains and sets, and lets everything pass. */
async function removeRules(cluster: AgentCluster): Promise<void> {
  await cluster.network.runInNode("one", ["nft", "flush", "table", "inet", "podwall"]);
}

async function differences(cluster: AgentCluster): Promise<readonly unknown[]> {
  return kernelDifferences(cluster.network, "one", await readModel(cluster.kubeconfig));
}

/** The API server is there again: all is as it says, and nothing is wrong any more. */
async function recover(cluster: AgentCluster, way: InterruptedWay): Promise<void> {
  way.open();
  await cluster.agreed();
  await cluster.reach.becomes({ passes: ALLOWED, stopped: DENIED });
  await waitUntilNone("nothing is wrong any more", async () => {
    const { phase, troubles } = await cluster.agent("one").status();
    return phase === "following" && troubles.length === 0 ? undefined : JSON.stringify({ phase, troubles });
  });
}

const beginnings: Scenario<InterruptedWay> = {
  cluster: { nodes: ["one", "two"] },
  async start(cluster) {
    await fillShop(cluster);
    cluster.startAgent("two");
    await cluster.network.runInNode("one", ["nft", "-f", "-"], OTHER_RULES);
    await cluster.agreed();
    return openInterruptedWay(cluster);
  },
  cases: {
    async "forwards nothing new until the API server was read for the first time"(cluster, way) {
      const { reach, network } = cluster;
      await reach.becomes({ passes: [...ALLOWED, ...DENIED, ...OF_THE_NODE] });
      const held = await Promise.all(FRIENDS.map((id) => holdConnections(network, id, "shop/server")));
      // A connection is one when it was answered.
      for (const each of held) assert.deepEqual(await each.look(), FLOWING);
      way.close();
      const { agent, status, log } = await begin(cluster, way, "waiting");
      await reach.becomes({
        passes: [...OF_THE_NODE, TO_OWN_NODE],
        stopped: [
          ...ALLOWED,
          ...DENIED,
          "shop/server -> shop/far-friend TCP/80",
          `shop/friend -> ${OUTSIDE} ICMP`,
        ],
      });
      const guard = await cluster.guard({ never: GUARDED.never, always: [] });
      assert.equal(status.ready, false);
      assert.deepEqual(codes(status), ["not-synced", "source"]);
      assert.equal((await agent.get("/readyz")).status, 503);
      assert.equal((await agent.get("/healthz")).status, 200);
      assert.match(log(), /nothing is known of the cluster until the API server has been read/);
      assert.match(log(), /\bpods cannot be followed: .* has closed the connection/);
      for (const each of held) assert.deepEqual(await each.look(), FLOWING);
      // Not even its own rules were taken for somebody else's.
      assert.equal((await agent.status()).verification.repairs, 0);
      await recover(cluster, way);
      for (const each of held) {
        assert.deepEqual(await each.look(), FLOWING);
        each.close();
      }
      const { never } = await guard.finish();
      cluster.note(`packets of strangers, from no API server to enforcing: ${never}, none arrived`);
    },

    async "leaves its rules in force when it ends, and when it starts again without an API server"(
      cluster,
      way,
    ) {
      const guard = await cluster.guard(GUARDED);
      assert.equal(await cluster.agent("one").stop(), 0);
      assert.match(cluster.agent("one").log(), /the agent stops; the rules stay in force/);
      await guard.check();
      assert.deepEqual(await differences(cluster), []);
      way.close();
      const { agent, status, log } = await begin(cluster, way, "restored", "--log-flows");
      assert.equal(status.ready, false);
      assert.deepEqual(codes(status), ["not-synced", "source"]);
      assert.match(log(), /rules of an earlier process are in force/);
      await guard.check();
      // By the names of the state, since nobody else could have told them.
      await waitFor("denied connections are told, with names", () =>
        /shop\/stranger -> shop\/server /.test(log()) && /shop\/far-stranger -> shop\/server/.test(log())
          ? true
          : undefined,
      );
      assert.ok(status.counts.localPods === 4 && status.counts.pods === 7, JSON.stringify(status.counts));
      const meanwhile = admits("other");
      await cluster.create(meanwhile);
      await recover(cluster, way);
      await cluster.reach.becomes({ stopped: waysTo("shop/other", "shop/friend", "shop/far-friend") });
      await cluster.delete(meanwhile);
      await cluster.agreed();
      assert.equal(agent.ended(), undefined);
      const sent = await guard.finish();
      cluster.note(`packets over an end and a start without API server: ${JSON.stringify(sent)}`);
    },

    async "puts the table back that somebody takes away while it waits"(cluster, way) {
      assert.equal(await cluster.agent("one").stop(), 0);
      way.close();
      const { agent } = await begin(cluster, way, "restored");
      const stream = await cluster.traffic.start("shop/stranger", "shop/server", 1);
      await stream.sends(50);
      assert.equal(stream.arrived(), 0);
      await cluster.network.runInNode("one", ["nft", "flush", "ruleset"]);
      await cluster.reach.becomes({ passes: ALLOWED, stopped: DENIED });
      const passed = stream.arrived();
      await stream.sends(200);
      assert.equal(stream.arrived(), passed);
      const { sent } = await stream.stop();
      cluster.note(`packets that passed while the table was gone: ${passed} of ${sent}`);
      assert.equal((await agent.status()).phase, "restored");
      assert.deepEqual(await differences(cluster), []);
      const guard = await cluster.guard(GUARDED);
      await recover(cluster, way);
      await guard.finish();
    },

    async "puts the rules back that somebody takes out of the table while it waits"(cluster, way) {
      assert.equal(await cluster.agent("one").stop(), 0);
      way.close();
      await begin(cluster, way, "restored");
      await removeRules(cluster);
      await cluster.reach.becomes({ passes: ALLOWED, stopped: DENIED });
      assert.deepEqual(await differences(cluster), []);
      await recover(cluster, way);
    },

    async "restores what was known last where the table is gone"(cluster, way) {
      await cluster.agent("one").kill();
      await removeTable(cluster);
      await cluster.reach.becomes({ passes: [...ALLOWED, ...DENIED] });
      way.close();
      const { status, log } = await begin(cluster, way, "restored");
      await cluster.reach.becomes({ passes: [...ALLOWED, ...OF_THE_NODE, TO_OWN_NODE], stopped: DENIED });
      assert.equal(status.ready, false);
      assert.match(log(), /there were no rules: what was known last is in force/);
      assert.deepEqual(await differences(cluster), []);
      const guard = await cluster.guard(GUARDED);
      await recover(cluster, way);
      await guard.finish();
    },

    async "closes the node's own pods after another start of the machine, and knows all others"(
      cluster,
      way,
    ) {
      assert.equal(await cluster.agent("one").stop(), 0);
      await removeTable(cluster);
      ageState(cluster.stateFolder("one"));
      way.close();
      const { status, log } = await begin(cluster, way, "restored", "--log-flows");
      const guard = await cluster.guard({ never: GUARDED.never, always: [] });
      await cluster.reach.becomes({
        passes: OF_THE_NODE,
        stopped: [
          ...[...ALLOWED, ...DENIED, ...waysTo("shop/far-friend", "shop/server", "shop/other")],
          // It may be one that may not even do that.
          TO_OWN_NODE,
        ],
      });
      const { localPods, pods, networkPolicies } = status.counts;
      assert.deepEqual({ localPods, pods, networkPolicies }, { localPods: 0, pods: 3, networkPolicies: 1 });
      await waitFor("the pod of the other node is named", () =>
        /shop\/far-stranger -> /.test(log()) ? true : undefined,
      );
      assert.doesNotMatch(log(), /shop\/server/);
      await recover(cluster, way);
      await guard.finish();
    },

    async "does not end over a state that is broken, and writes it anew"(cluster, way) {
      const guard = await cluster.guard(GUARDED);
      assert.equal(await cluster.agent("one").stop(), 0);
      breakState(cluster.stateFolder("one"));
      way.close();
      const { agent, status, log } = await begin(cluster, way, "waiting");
      assert.deepEqual(codes(status), ["not-synced", "source", "state"]);
      assert.match(log(), /the state in .* cannot be used: /);
      await guard.check();
      await guard.finish();
      // Nobody knows what was in it: nothing is forwarded.
      await removeRules(cluster);
      await cluster.reach.becomes({
        passes: [...OF_THE_NODE, TO_OWN_NODE],
        stopped: [...ALLOWED, ...DENIED],
      });
      await removeTable(cluster);
      await cluster.reach.becomes({
        passes: [...OF_THE_NODE, TO_OWN_NODE],
        stopped: [...ALLOWED, ...DENIED],
      });
      const closed = await cluster.guard({ never: GUARDED.never, always: [] });
      await recover(cluster, way);
      await closed.finish();
      assert.equal(await agent.stop(), 0);
      way.close();
      await begin(cluster, way, "restored");
      await recover(cluster, way);
    },

    async "leaves a node open until then, if it was told to"(cluster, way) {
      await cluster.agent("one").kill();
      await removeTable(cluster);
      way.close();
      const { status } = await begin(cluster, way, "waiting", "--state", "", "--before-sync", "open");
      await cluster.reach.becomes({ passes: [...ALLOWED, ...DENIED, ...OF_THE_NODE] });
      assert.equal(status.ready, false);
      assert.equal(await hasTable(cluster), false);
      await recover(cluster, way);
    },

    async "keeps its rules from being cleaned up, and has them removed when it is gone"(cluster) {
      const running = await podwallOn(cluster, "agent", "--cleanup");
      assert.equal(running.code, 1, running.stderr);
      assert.match(running.stderr, /nothing was removed: an agent is still running on this node/);
      await cluster.agreed();
      await cluster.reach.becomes({ passes: ALLOWED, stopped: DENIED });
      assert.equal(await cluster.agent("one").stop(), 0);
      await cluster.reach.becomes({ passes: ALLOWED, stopped: DENIED });
      const removed = await podwallOn(cluster, "agent", "--cleanup");
      assert.deepEqual(removed, {
        code: 0,
        stdout: "removed the table inet podwall: no policy is enforced on this node any more\n",
        stderr: "",
      });
      assert.equal(await hasTable(cluster), false);
      await cluster.reach.becomes({ passes: [...ALLOWED, ...DENIED] });
      const again = await podwallOn(cluster, "agent", "--cleanup");
      assert.equal(again.code, 0, again.stderr);
      assert.match(again.stdout, /nothing to remove/);
    },

    async "says what it needs, where it may not change rules"(cluster, { kubeconfig }) {
      for (const args of [["--kubeconfig", kubeconfig, "--node", "one"], ["--cleanup"]]) {
        const { code, stdout, stderr } = await runInNamespace(
          cluster.network.namespaceOf("node:one"),
          ["setpriv", "--bounding-set", "-net_admin", process.execPath, PODWALL, "agent", ...args],
          undefined,
        );
        assert.deepEqual({ code, stdout }, { code: 3, stdout: "" }, stderr);
        assert.match(stderr, /^podwall agent: rules can neither be read nor loaded: .* NET_ADMIN.*\n$/);
      }
    },
  },
};

export default beginnings;
