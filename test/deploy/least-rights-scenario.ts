// Agents with no other rights than those that the manifests give, on their node and at the API server.
import assert from "node:assert/strict";
import { chownSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type CommandResult, runInNamespace } from "../../src/linux/command.ts";
import { type AgentCluster, SERVER_ADDRESS } from "../agent/harness/agent-cluster.ts";
import { AGENT_USER } from "../agent/harness/agent-rights.ts";
import type { Scenario } from "../agent/harness/scenario.ts";
import { waitUntilNone } from "../agent/harness/wait-for.ts";
import { admits, admitting, role, waysTo } from "../agent/objects.ts";
import { networkPolicy } from "../apiserver/cluster-objects.ts";
import { writeKubeconfig } from "../apiserver/kubeconfig.ts";
import type { ApiObject } from "../apiserver/objects.ts";
import { PODWALL } from "../cli/run-podwall.ts";
import { AUDIT_FLAGS, auditedRequests } from "./audited-requests.ts";
import { PLAIN_WITH_NET_ADMIN, type Rights, ROOT_WITH_NET_ADMIN } from "./capabilities/rights.ts";
import { clusterRoleRules } from "./manifests.ts";
import { rightsOf, rightsUsed } from "./rbac-rights.ts";
import { createAgentPods, createViewer, VIEWER } from "./viewer.ts";

const PLAIN_USER = 65532;
const NET_ADMIN_ALONE = "0000000000001000";
const CLOSED = fileURLToPath(new URL("../../deploy/node/closed.nft", import.meta.url));
const FRIENDS = ["shop/friend", "shop/far-friend"];
const STRANGERS = ["shop/stranger", "shop/far-stranger"];

/** A policy about which something is wrong, of pods of both nodes. */
const NOT_UNDERSTOOD: ApiObject = {
  ...networkPolicy("shop", "closed", { podSelector: role("stranger") }),
  metadata: { name: "closed", namespace: "shop", annotations: { "podwall.io/mode": "sometimes" } },
};

const leastRights: Scenario<void> = {
  cluster: {
    nodes: ["one", "two"],
    // A server that streams its lists, as newer ones do, is only asked to watch; this one is asked to list as well.
    flags: ["--feature-gates=WatchList=false", ...AUDIT_FLAGS],
  },
  async start(cluster) {
    const { kubelet, server } = cluster;
    // Before the agents, which look for new kinds only now and then.
    for (const kind of ["clusternetworkpolicies", "adminnetworkpolicies", "baselineadminnetworkpolicies"]) {
      await server.define(kind);
    }
    await cluster.create(admits("server", "friend"), NOT_UNDERSTOOD);
    await kubelet.create("shop/server", { node: "one", labels: { role: "server" } });
    await kubelet.create("shop/far-server", { node: "two", labels: { role: "server" } });
    for (const [node, prefix] of [
      ["one", ""],
      ["two", "far-"],
    ] as const) {
      for (const name of ["friend", "stranger"]) {
        await kubelet.create(`shop/${prefix}${name}`, { node, labels: { role: name } });
      }
    }
    // As a node begins that has the service of deploy/node.
    for (const node of ["one", "two"]) await cluster.network.runInNode(node, ["nft", "-f", CLOSED]);
    const friends = waysTo("shop/server", ...FRIENDS);
    await cluster.reach.becomes({ stopped: [...friends, ...waysTo("shop/far-server", ...FRIENDS)] });
    startAgent(cluster, "one", ROOT_WITH_NET_ADMIN, 0);
    startAgent(cluster, "two", PLAIN_WITH_NET_ADMIN, PLAIN_USER);
    await cluster.agreed();
  },
  cases: {
    async "have NET_ADMIN and nothing else"(cluster) {
      for (const [node, user] of [
        ["one", 0],
        ["two", PLAIN_USER],
      ] as const) {
        const status = readFileSync(`/proc/${cluster.agent(node).pid}/status`, "utf8");
        assert.match(status, new RegExp(`^Uid:\\s+${user}\\s+${user}\\s`, "m"));
        assert.match(status, new RegExp(`^CapEff:\\s+${NET_ADMIN_ALONE}$`, "m"));
        assert.match(status, /^NoNewPrivs:\s+1$/m);
      }
    },

    async "take over the rules that close a node before there is an agent"(cluster) {
      for (const node of ["one", "two"]) {
        assert.match(cluster.agent(node).log(), /"beginning":"held"/);
        const { stdout } = await cluster.network.runInNode(node, [
          "nft",
          "list",
          "chain",
          "inet",
          "podwall",
          "forward",
        ]);
        assert.match(stdout, /goto egress/);
        assert.doesNotMatch(stdout, /drop/);
      }
    },

    async "enforce, follow changes and log what they deny"(cluster) {
      const { reach } = cluster;
      const [friends, strangers] = [FRIENDS, STRANGERS].map((from) => [
        ...waysTo("shop/server", ...from),
        ...waysTo("shop/far-server", ...from),
      ]);
      await reach.becomes({ passes: friends!, stopped: strangers! });
      await cluster.patch(admits("server"), admitting({ podSelector: role("stranger") }));
      await reach.becomes({ passes: strangers!, stopped: friends! });
      for (const node of ["one", "two"]) {
        await waitUntilNone(`the agent of node ${node} counts what it denied`, async () => {
          const { text } = await cluster.agent(node).get("/metrics");
          return /^podwall_flow_packets_total\{verdict="denied".*\} [1-9]/m.test(text)
            ? undefined
            : "none yet";
        });
      }
    },

    async "end, leave the rules, and find them again with what they had kept"(cluster) {
      for (const [node, rights, user] of [
        ["one", ROOT_WITH_NET_ADMIN, 0],
        ["two", PLAIN_WITH_NET_ADMIN, PLAIN_USER],
      ] as const) {
        assert.equal(await cluster.agent(node).stop(), 0);
        const stopped = waysTo("shop/server", "shop/friend");
        await cluster.reach.becomes({ stopped });
        startAgent(cluster, node, rights, user);
        await cluster.agent(node).ready();
        assert.match(cluster.agent(node).log(), /"beginning":"held","pods":[1-9]/);
      }
    },

    async "tell of a policy about which something is wrong"({ api }) {
      await waitUntilNone("there is an event about shop/closed", async () => {
        const { items } = (await api.must("GET", "/api/v1/namespaces/shop/events")) as {
          items: readonly { involvedObject: { name: string } }[];
        };
        return items.some(({ involvedObject }) => involvedObject.name === "closed") ? undefined : "none yet";
      });
    },

    async "ask for all that their role gives, and for nothing else"({ server }) {
      assert.deepEqual(
        rightsUsed(auditedRequests(server, AGENT_USER)),
        rightsOf(clusterRoleRules("podwall")),
      );
    },

    async "let a person ask them who has the rights for that and no others"(cluster) {
      await createAgentPods(cluster);
      const kubeconfig = await createViewer(cluster);
      const way = ["--kubeconfig", kubeconfig];
      const run = (...args: string[]): Promise<CommandResult> =>
        runInNamespace(
          cluster.network.namespaceOf(SERVER_ADDRESS),
          [process.execPath, PODWALL, ...args, ...way],
          undefined,
        );
      const status = await run("status");
      assert.equal(status.code, 0, status.stderr);
      assert.match(status.stdout, /2 nodes: 2 ready/);
      for (const policy of ["netpol/to-server", "cnp/none", "anp/none", "banp/default"]) {
        const { stderr } = await run("status", policy, "-n", "shop");
        assert.doesNotMatch(stderr, /forbidden|may not/);
      }
      const used = rightsUsed(auditedRequests(cluster.server, VIEWER));
      assert.deepEqual(used, rightsOf(clusterRoleRules("podwall-viewer")));
    },
  },
};

export default leastRights;

const folders = new Map<string, string>();

/** In a folder of that user's, since a plain one may not look into the server's; gone with the sandbox, as all of its /run. */
function startAgent(cluster: AgentCluster, node: string, { setpriv }: Rights, user: number): void {
  const { server } = cluster;
  const folder = folders.get(node) ?? mkdtempSync("/run/agent-");
  folders.set(node, folder);
  const authority = readFileSync(server.authorityFile).toString("base64");
  const written = writeKubeconfig(server, `agent-${node}.kubeconfig`, [
    {
      name: AGENT_USER,
      user: { token: server.tokens[AGENT_USER] },
      cluster: { "certificate-authority": undefined, "certificate-authority-data": authority },
    },
  ]);
  const kubeconfig = join(folder, "kubeconfig");
  writeFileSync(kubeconfig, readFileSync(written));
  for (const path of [folder, kubeconfig]) chownSync(path, user, user);
  // The last --state counts.
  cluster.startAgent(node, { startedBy: ["setpriv", ...setpriv], kubeconfig, args: ["--state", folder] });
}
