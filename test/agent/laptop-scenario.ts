import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { AGENT_NAMESPACE } from "../../src/agent/proxied/agent-pods.ts";
import { namespace } from "../apiserver/cluster-objects.ts";
import { agentPod } from "../apiserver/laptop-cluster.ts";
import type { ApiObject } from "../apiserver/objects.ts";
import { PODWALL, podwall, type RunResult } from "../cli/run-podwall.ts";
import type { AgentCluster } from "./harness/agent-cluster.ts";
import { AGENT_PORT } from "./harness/agent-process.ts";
import type { Guard } from "./harness/guard.ts";
import type { Passage } from "./harness/reach.ts";
import type { Scenario } from "./harness/scenario.ts";
import { waitFor, waitUntilNone } from "./harness/wait-for.ts";
import { admits, admitting, openShop, role, waysTo } from "./objects.ts";

/** To the pods of the role `other`, of which each node has one. */
const NEAR = waysTo("shop/other", "shop/friend", "shop/far-friend");
const FAR = waysTo("shop/far-other", "shop/friend", "shop/far-friend");
const OTHERS = admits("other");
const NOBODY = { spec: { ingress: [] } };
const ROUNDS = 5;

function run({ kubeconfig }: AgentCluster, ...args: readonly string[]): Promise<RunResult> {
  return podwall([...args, "--kubeconfig", kubeconfig]);
}

function everyWay(passage: Passage): Record<string, Passage> {
  return Object.fromEntries([...NEAR, ...FAR].map((way) => [way, passage]));
}

/** A command that goes on until it is interrupted. */
interface Following {
  stdout(): string;
  interrupt(): Promise<number | null>;
}

function follow({ kubeconfig }: AgentCluster, ...args: readonly string[]): Following {
  const child = spawn(process.execPath, [PODWALL, ...args, "--kubeconfig", kubeconfig], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, NO_COLOR: "1", FORCE_COLOR: "" },
  });
  let stdout = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
  return {
    stdout: () => stdout,
    async interrupt() {
      child.kill("SIGINT");
      return ended;
    },
  };
}

/** A policy whose peers have an operator that nobody knows: the definition of its kind takes any text for one. */
const MISUNDERSTOOD: ApiObject = {
  apiVersion: "policy.networking.k8s.io/v1alpha2",
  kind: "ClusterNetworkPolicy",
  metadata: { name: "misunderstood" },
  spec: withPeers({ matchExpressions: [{ key: "role", operator: "Near", values: ["friend"] }] }),
};

function withPeers(podSelector: object): object {
  return {
    tier: "Admin",
    priority: 10,
    subject: { pods: { namespaceSelector: {}, podSelector: role("other") } },
    ingress: [{ action: "Accept", from: [{ pods: { namespaceSelector: {}, podSelector } }] }],
  };
}

interface ListedEvent {
  readonly reason: string;
  readonly type: string;
  readonly message: string;
  readonly involvedObject: { readonly kind: string; readonly name: string };
}

async function eventsOf({ api }: AgentCluster, name: string): Promise<readonly ListedEvent[]> {
  const { items } = (await api.must("GET", "/api/v1/namespaces/default/events")) as { items: ListedEvent[] };
  return items.filter(({ involvedObject }) => involvedObject.name === name);
}

const laptop: Scenario<Guard> = {
  cluster: { nodes: ["one", "two"] },
  async start(cluster) {
    await cluster.server.define("clusternetworkpolicies");
    const guard = await openShop(cluster);
    await cluster.create(namespace(AGENT_NAMESPACE));
    for (const { name, addresses } of cluster.nodes.values()) {
      await cluster.create(agentPod(name, addresses[0], AGENT_PORT));
    }
    await cluster.agreed();
    return guard;
  },
  cases: {
    async "shows that every node does what the policies say"(cluster, guard) {
      const { code, stdout, stderr } = await run(cluster, "status");
      assert.deepEqual({ code, stderr }, { code: 0, stderr: "" }, stdout);
      assert.match(stdout, /^ *one +yes +following /m);
      assert.match(stdout, /^ *two +yes +following /m);
      assert.match(stdout, /2 nodes: 2 ready/);
      await guard.check();
    },

    async "waits for a policy until packets obey it"(cluster, guard) {
      await cluster.create(OTHERS);
      const wait = ["status", "networkpolicy/to-other", "-n", "shop", "--wait"];
      for (let round = 0; round <= ROUNDS; round++) {
        const passage = round % 2 === 0 ? "stopped" : "passes";
        if (round > 0) {
          await cluster.patch(
            OTHERS,
            passage === "passes" ? admitting({ podSelector: role("friend") }) : NOBODY,
          );
        }
        const { code, stdout } = await run(cluster, ...wait);
        // Not looked at again: it is so when the command says so.
        assert.deepEqual(await cluster.reach.look(...NEAR, ...FAR), everyWay(passage), stdout);
        assert.equal(code, 0, stdout);
        assert.match(stdout, /^ *one +enforced +1 /m);
        assert.match(stdout, /^ *two +enforced +1 /m);
      }
      await guard.check();
    },

    async "does not stop to wait while a node lets pass what it should stop"(cluster, guard) {
      const wait = ["status", "networkpolicy/to-other", "-n", "shop", "--wait"];
      const [two, change] = [cluster.agent("two"), cluster.patch.bind(cluster, OTHERS)];
      two.pause();
      try {
        await change(NOBODY);
        await cluster.reach.becomes({ stopped: NEAR, passes: FAR });
        const inVain = await run(cluster, ...wait, "--timeout", "1s");
        assert.equal(inVain.code, 1, inVain.stdout);
        assert.match(inVain.stdout, /not yet: two \(/);
        let isDone = false;
        const waited = run(cluster, ...wait).finally(() => {
          isDone = true;
        });
        await guard.check();
        assert.deepEqual(
          await cluster.reach.look(...FAR),
          Object.fromEntries(FAR.map((way) => [way, "passes"])),
        );
        assert.equal(isDone, false);
        two.resume();
        const { code, stdout } = await waited;
        assert.deepEqual(await cluster.reach.look(...NEAR, ...FAR), everyWay("stopped"));
        assert.equal(code, 0, stdout);
      } finally {
        two.resume();
      }
      await cluster.agreed();
      await guard.check();
    },

    async "waits until a policy that was deleted is not in force any more"(cluster, guard) {
      await cluster.delete(OTHERS);
      const gone = await run(cluster, "status", "netpol/to-other", "-n", "shop", "--wait", "--deleted");
      assert.deepEqual(await cluster.reach.look(...NEAR, ...FAR), everyWay("passes"));
      assert.equal(gone.code, 0, gone.stdout);
      await guard.check();
    },

    async "tells denied connections of all nodes, with the reason"(cluster, guard) {
      await cluster.create(OTHERS);
      await cluster.reach.becomes({ stopped: [...NEAR, ...FAR] });
      const flows = follow(cluster, "flows", "-n", "shop", "--policy", "netpol/to-other");
      const denied = [
        /^one .*DENIED +shop\/friend -> shop\/other TCP 80 ingress: .*NetworkPolicy shop\/to-other/m,
        /^two .*DENIED +shop\/friend -> shop\/far-other TCP 80 ingress: .*NetworkPolicy shop\/to-other/m,
      ];
      await waitFor("both nodes tell of it", async () => {
        await cluster.reach.look(...NEAR, "shop/friend -> shop/far-other TCP/80");
        assert.ok(
          denied.every((line) => line.test(flows.stdout())),
          flows.stdout().slice(-2000),
        );
        return true;
      });
      assert.doesNotMatch(flows.stdout(), /-> shop\/server /);
      assert.equal(await flows.interrupt(), 0);
      await cluster.delete(OTHERS);
      await cluster.agreed();
      await guard.check();
    },

    async "tells of a policy that is not understood that it closes its pods, until it is corrected"(
      cluster,
      guard,
    ) {
      await cluster.reach.becomes({ passes: [...NEAR, ...FAR] });
      await cluster.create(MISUNDERSTOOD);
      await cluster.reach.becomes({ stopped: [...NEAR, ...FAR] });
      const told = await waitFor("an event tells why", async () => {
        const events = await eventsOf(cluster, "misunderstood");
        return events.length > 0 ? events : undefined;
      });
      assert.deepEqual(
        told.map(({ reason, type }) => ({ reason, type })),
        [{ reason: "PolicyNotUnderstood", type: "Warning" }],
      );
      assert.match(told[0]!.message, /what is not lets nothing pass: .*Near/);
      const status = await run(cluster, "status", "cnp/misunderstood");
      assert.equal(status.code, 1);
      assert.match(status.stdout, /Near/);
      // The node is not at fault, and does what is safe.
      const nodes = await run(cluster, "status");
      assert.equal(nodes.code, 0, nodes.stdout);
      assert.match(nodes.stdout, /misunderstood/);
      await cluster.patch(MISUNDERSTOOD, { spec: withPeers(role("friend")) });
      await cluster.reach.becomes({ passes: [...NEAR, ...FAR] });
      const well = await waitFor("an event tells that it is well again", async () =>
        (await eventsOf(cluster, "misunderstood")).find(({ reason }) => reason === "PolicyEnforced"),
      );
      assert.equal(well.type, "Normal");
      await cluster.agreed();
      const after = await run(cluster, "status", "cnp/misunderstood", "--wait");
      assert.equal(after.code, 0, after.stdout);
      await guard.check();
    },

    async "shows a node whose agent is gone"(cluster, guard) {
      await cluster.agent("two").kill();
      const { code, stdout } = await run(cluster, "status");
      assert.equal(code, 1, stdout);
      assert.match(stdout, /^ *two +UNKNOWN/m);
      assert.match(stdout, /2 nodes: 1 ready/);
      cluster.startAgent("two");
      await waitUntilNone("both are ready again", async () => {
        const again = await run(cluster, "status");
        return again.code === 0 ? undefined : again.stdout;
      });
      const sent = await guard.finish();
      cluster.note(`packets while a laptop looked on: ${JSON.stringify(sent)}`);
    },
  },
};

export default laptop;
