import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { AgentTrouble } from "../../src/agent/agent-status.ts";
import { writeKubeconfig } from "../apiserver/kubeconfig.ts";
import type { AgentCluster } from "./harness/agent-cluster.ts";
import { agentRules } from "./harness/agent-rights.ts";
import type { Guard } from "./harness/guard.ts";
import { type InterruptedWay, openInterruptedWay } from "./harness/interrupted-way.ts";
import type { Scenario } from "./harness/scenario.ts";
import { type ServiceAccount, serviceAccount } from "./harness/service-account.ts";
import { waitFor, waitUntilNone } from "./harness/wait-for.ts";
import { admits, fillShop, GUARDED, waysTo } from "./objects.ts";

interface Rights {
  readonly guard: Guard;
  readonly account: ServiceAccount;
  readonly way: InterruptedWay;
  readonly tokenFile: string;
}

const NEAR = waysTo("shop/other", "shop/friend", "shop/far-friend");
const PODS = "/api/v1/pods";
const POLICIES = "/apis/networking.k8s.io/v1/networkpolicies";
const REFUSED = /[Uu]nauthorized|401/;
const FORBIDDEN = /forbidden|cannot list|cannot watch|may not/;
const ALL_RULES = agentRules();

/** What node `one` says of resources that it cannot follow, for a reason; waits until it does of all of them. */
async function sourceTroubles(
  cluster: AgentCluster,
  reason: RegExp,
  ...resources: readonly string[]
): Promise<readonly AgentTrouble[]> {
  return waitFor(`the agent cannot follow ${resources.join(", ")}`, async () => {
    const { troubles } = await cluster.agent("one").status();
    const found = troubles.filter(({ code, message }) => code === "source" && reason.test(message));
    return resources.every((resource) => found.some(({ message }) => message.startsWith(`${resource}:`)))
      ? found
      : undefined;
  });
}

async function isWell(cluster: AgentCluster): Promise<void> {
  await waitUntilNone("nothing is wrong any more", async () => {
    const { troubles } = await cluster.agent("one").status();
    return troubles.length === 0 ? undefined : JSON.stringify(troubles);
  });
}

/** A policy comes, is enforced on node `one`, and goes. */
async function followsChanges(cluster: AgentCluster): Promise<void> {
  await cluster.create(admits("other"));
  await cluster.reach.becomes({ stopped: NEAR });
  await cluster.delete(admits("other"));
  await cluster.reach.becomes({ passes: NEAR });
  await cluster.agreed();
}

const rights: Scenario<Rights> = {
  cluster: { nodes: ["one", "two"] },
  async start(cluster) {
    const account = serviceAccount(cluster, "podwall", ALL_RULES);
    await cluster.create(...account.objects, account.role, account.binding);
    const tokenFile = join(cluster.server.folder, "token");
    writeFileSync(tokenFile, await account.newToken());
    await account.isAnswered(PODS, 200);
    const way = await openInterruptedWay(cluster, { tokenFile });
    await fillShop(cluster);
    cluster.startAgent("one", { kubeconfig: way.kubeconfig });
    cluster.startAgent("two");
    await cluster.agreed();
    return { guard: await cluster.guard(GUARDED), account, way, tokenFile };
  },
  cases: {
    async "goes on with the new token where the old one is not valid any more"(cluster, rightsNow) {
      const { account, guard, tokenFile, way } = rightsNow;
      const before = cluster.agent("one").pid;
      await account.revoke();
      writeFileSync(tokenFile, await account.newToken());
      // Whoever watches goes on to watch; each new request needs a token.
      way.reset();
      await followsChanges(cluster);
      await isWell(cluster);
      assert.equal(cluster.agent("one").pid, before);
      await guard.check();
    },

    async "says that its token is refused, enforces what it knows, and goes on with the next one"(
      cluster,
      { account, guard, tokenFile, way },
    ) {
      const agent = cluster.agent("one");
      await account.revoke();
      way.reset();
      const troubles = await sourceTroubles(cluster, REFUSED, "pods", "networkpolicies");
      cluster.note(`with a token that is refused: ${troubles[0]!.message}`);
      assert.match(troubles[0]!.message, /\. What is known stays in force\./);
      await waitFor("the log tells it, too", () =>
        /pods cannot be followed: .* does not accept the credentials/.test(agent.log()) ? true : undefined,
      );
      await cluster.create(admits("other"));
      await guard.check();
      await cluster.reach.becomes({ passes: NEAR });
      writeFileSync(tokenFile, await account.newToken());
      await cluster.reach.becomes({ stopped: NEAR });
      await cluster.delete(admits("other"));
      await cluster.agreed();
      await isWell(cluster);
      // All that are well again are in one line, or in a line of the next second.
      await waitFor("the log tells that pods are followed again", () =>
        /pods[a-z, ]* are followed again/.test(agent.log()) ? true : undefined,
      );
      await guard.check();
    },

    async "names the rules that were taken from it, and enforces what it knows until they are back"(
      cluster,
      { account, guard, way },
    ) {
      const agent = cluster.agent("one");
      const from = agent.log().length;
      await cluster.delete(account.binding);
      await account.isAnswered(PODS, 403);
      way.reset();
      const troubles = await sourceTroubles(
        cluster,
        FORBIDDEN,
        "pods",
        "namespaces",
        "nodes",
        "networkpolicies",
      );
      for (const [resource, group] of [
        ["pods", ""],
        ["networkpolicies", "networking.k8s.io"],
      ] as const) {
        const { message, blocksReady } = troubles.find((each) => each.message.startsWith(`${resource}:`))!;
        const rule = `{apiGroups: ["${group}"], resources: ["${resource}"], verbs: ["list", "watch"]}`;
        assert.ok(
          message.includes(`Give system:serviceaccount:podwall-system:podwall a ClusterRole`),
          message,
        );
        assert.ok(message.includes(rule), message);
        // What is in force is right as far as anybody knows: nobody is helped by a node that takes itself out.
        assert.equal(blocksReady, false);
        const logged = new RegExp(
          `"${resource} cannot be followed: .* cannot watch .* scope\\. What is known`,
        );
        await waitFor("the log tells it, too", () =>
          logged.test(agent.log().slice(from)) ? true : undefined,
        );
      }
      assert.equal((await agent.get("/readyz")).status, 200);
      await cluster.create(admits("other"));
      await guard.check();
      await cluster.reach.becomes({ passes: NEAR });
      await cluster.create(account.binding);
      await cluster.reach.becomes({ stopped: NEAR });
      await cluster.delete(admits("other"));
      await cluster.agreed();
      await isWell(cluster);
      assert.equal(agent.ended(), undefined);
      await guard.check();
    },

    async "follows what it may where one resource is taken away"(cluster, { account, guard, way }) {
      const { kubelet, reach } = cluster;
      const rules = ALL_RULES.filter(({ resources }) => !resources.includes("networkpolicies"));
      assert.equal(rules.length, ALL_RULES.length - 1);
      await cluster.patch(account.role, { rules });
      await account.isAnswered(POLICIES, 403);
      way.reset();
      const troubles = await sourceTroubles(cluster, FORBIDDEN, "networkpolicies");
      assert.equal(troubles.length, 1, JSON.stringify(troubles));
      await cluster.create(admits("other"));
      const asFriend = waysTo("shop/server", "shop/other");
      await kubelet.label("shop/other", { role: "friend" });
      await reach.becomes({ passes: asFriend });
      await kubelet.label("shop/other", { role: "other" });
      await reach.becomes({ stopped: asFriend, passes: NEAR });
      await guard.check();
      await cluster.patch(account.role, { rules: ALL_RULES });
      await reach.becomes({ stopped: NEAR });
      await cluster.delete(admits("other"));
      await cluster.agreed();
      await isWell(cluster);
      const sent = await guard.finish();
      cluster.note(`packets while tokens and rules came and went: ${JSON.stringify(sent)}`);
    },

    async "closes a node without rules where it may do nothing at all, and says why"(cluster) {
      const { network, reach, server } = cluster;
      const newcomer = serviceAccount(cluster, "newcomer", ALL_RULES);
      await cluster.create(...newcomer.objects, newcomer.role);
      const kubeconfig = writeKubeconfig(server, "newcomer.kubeconfig", [
        { name: "newcomer", user: { token: await newcomer.newToken() } },
      ]);
      assert.equal(await cluster.agent("one").stop(), 0);
      await network.runInNode("one", ["nft", "delete", "table", "inet", "podwall"]);
      const from = cluster.agent("one").log().length;
      const agent = cluster.startAgent("one", { kubeconfig, args: ["--state", ""] });
      const troubles = await sourceTroubles(
        cluster,
        FORBIDDEN,
        "pods",
        "networkpolicies",
        "nodes",
        "namespaces",
      );
      assert.equal((await agent.status()).phase, "waiting");
      assert.equal((await agent.get("/readyz")).status, 503);
      const help = /Give system:serviceaccount:podwall-system:newcomer a ClusterRole with the rule/;
      for (const { message } of troubles) assert.match(message, help);
      await waitFor("the log tells it, too", () => (help.test(agent.log().slice(from)) ? true : undefined));
      const friends = waysTo("shop/server", "shop/friend", "shop/far-friend");
      const strangers = waysTo("shop/server", "shop/stranger", "shop/far-stranger");
      await reach.becomes({
        stopped: [...friends, ...strangers, ...NEAR],
        passes: ["node:one -> node:two ICMP"],
      });
      const guard = await cluster.guard({ never: GUARDED.never, always: [] });
      await cluster.create(newcomer.binding);
      await reach.becomes({ passes: [...friends, ...NEAR], stopped: strangers });
      await cluster.agreed();
      await isWell(cluster);
      await guard.finish();
    },
  },
};

export default rights;
