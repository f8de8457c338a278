import assert from "node:assert/strict";
import type { AgentCounts } from "../../src/agent/agent-status.ts";
import { namespace, networkPolicy, pod } from "../apiserver/cluster-objects.ts";
import { type ApiObject, createObjects } from "../apiserver/objects.ts";
import type { AgentCluster } from "./harness/agent-cluster.ts";
import type { Guard } from "./harness/guard.ts";
import { podAddresses, type TestNode, testNode } from "./harness/nodes.ts";
import type { Scenario } from "./harness/scenario.ts";
import { waitUntilNone } from "./harness/wait-for.ts";
import { admits, openShop, role, waysTo } from "./objects.ts";

const PODS = Number(process.env.PODWALL_BURST_PODS ?? 1000);
const POLICIES = Number(process.env.PODWALL_BURST_POLICIES ?? 200);
const NAMESPACES = 20;
/** Pods of one of so many kinds in a namespace; policies are about a kind. */
const KINDS = 25;
/** On each node that there is; the others are elsewhere. */
const LOCAL_SHARE = 20;
/** Numbers of addresses that nobody else has. */
const FIRST_ADDRESS = 1000;
/** Generous: it ends a test that would never pass. */
const PATIENCE_MILLIS = 200_000;
const NEAR = waysTo("shop/other", "shop/friend", "shop/far-friend");

const namespaceOf = (i: number): string => `burst-${i % NAMESPACES}`;
const kindOf = (i: number): string => `kind-${Math.floor(i / NAMESPACES) % KINDS}`;

function burstPod(i: number, nodes: readonly TestNode[]): ApiObject {
  // Those of one namespace are on all nodes.
  const node = nodes[Math.floor(i / NAMESPACES) % LOCAL_SHARE] ?? testNode("elsewhere", 9);
  const [address, sixth] = podAddresses(node, FIRST_ADDRESS + i);
  const made = pod(namespaceOf(i), `pod-${i}`, {
    labels: { role: kindOf(i), shard: String(i % 7) },
    node: node.name,
    address,
    ports: [{ name: "web", containerPort: 8080 }],
  });
  return { ...made, status: { ...made.status, podIPs: [{ ip: address }, { ip: sixth }] } };
}

function burstPolicy(i: number): ApiObject {
  const peers = [
    { podSelector: role(kindOf(i + NAMESPACES)) },
    { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespaceOf(i + 1) } } },
    { ipBlock: { cidr: "192.0.2.0/24", except: ["192.0.2.128/25"] } },
  ];
  const ports = [{ port: i % 2 === 0 ? "web" : 8000 + (i % 10), protocol: "TCP" }];
  return networkPolicy(namespaceOf(i), `policy-${i}`, {
    podSelector: role(kindOf(i)),
    ingress: [{ from: peers.slice(0, 1 + (i % 3)), ports }],
    ...(i % 5 === 0 ? { policyTypes: ["Ingress", "Egress"], egress: [{ to: peers.slice(0, 1) }] } : {}),
  });
}

/** Policies among pods, as in an installation of many applications. */
function mixed(pods: readonly ApiObject[], policies: readonly ApiObject[]): ApiObject[] {
  const every = pods.length / policies.length;
  const objects: ApiObject[] = [];
  let taken = 0;
  for (const [i, each] of pods.entries()) {
    objects.push(each);
    while (taken < policies.length && (taken + 1) * every <= i + 1) objects.push(policies[taken++]!);
  }
  return [...objects, ...policies.slice(taken)];
}

interface Figures {
  readonly events: number;
  readonly transactions: number;
  readonly megabytes: number;
}

/** What an agent counts of itself. */
async function figuresOf(cluster: AgentCluster, node: string): Promise<Figures> {
  const { text } = await cluster.agent(node).get("/metrics");
  const sum = (name: string): number =>
    [...text.matchAll(new RegExp(`^${name}(?:\\{.*\\})? (\\S+)$`, "gm"))].reduce(
      (total, [, value]) => total + Number(value),
      0,
    );
  return {
    events: sum("podwall_source_events_total"),
    transactions: sum("podwall_transaction_duration_seconds_count"),
    megabytes: Math.round(sum("process_resident_memory_bytes") / 2 ** 20),
  };
}

async function countsOf(cluster: AgentCluster, node: string): Promise<AgentCounts> {
  return (await cluster.agent(node).status()).counts;
}

/** Runs a burst, and holds transactions against events. */
async function inBurst(cluster: AgentCluster, what: string, burst: () => Promise<void>): Promise<void> {
  const nodes = [...cluster.nodes.keys()];
  const before = await Promise.all(nodes.map((node) => figuresOf(cluster, node)));
  const begun = performance.now();
  await burst();
  const written = performance.now();
  await cluster.agreed({ patience: PATIENCE_MILLIS });
  const seconds = [written - begun, performance.now() - written].map((millis) => (millis / 1000).toFixed(1));
  cluster.note(`${what}: written in ${seconds[0]} s, kernels seen equal to the model ${seconds[1]} s later`);
  for (const [i, node] of nodes.entries()) {
    const after = await figuresOf(cluster, node);
    const [events, transactions] = [
      after.events - before[i]!.events,
      after.transactions - before[i]!.transactions,
    ];
    cluster.note(
      `  ${node}: ${events} events, ${transactions} transactions, ${after.megabytes} MB resident (${before[i]!.megabytes} before)`,
    );
    assert.ok(events >= PODS + POLICIES, `${events} events`);
    assert.ok(
      transactions >= 1 && transactions * 4 < events,
      `${transactions} transactions, ${events} events`,
    );
  }
}

const burst: Scenario<Guard> = {
  cluster: { nodes: ["one", "two"] },
  async start(cluster) {
    const names = Array.from({ length: NAMESPACES }, (_, i) => namespace(namespaceOf(i)));
    await cluster.create(...names);
    return openShop(cluster);
  },
  cases: {
    async "enforce all of it when it is over, in few transactions"(cluster, guard) {
      const nodes = [...cluster.nodes.values()];
      const before = await Promise.all(nodes.map(({ name }) => countsOf(cluster, name)));
      const pods = Array.from({ length: PODS }, (_, i) => burstPod(i, nodes));
      const policies = Array.from({ length: POLICIES }, (_, i) => burstPolicy(i));
      await inBurst(cluster, `${PODS} pods and ${POLICIES} policies created`, async () => {
        await createObjects(cluster.api, mixed(pods, policies));
        // What comes last is in force, too.
        await cluster.create(admits("other"));
        await cluster.reach.becomes({ stopped: NEAR }, PATIENCE_MILLIS);
      });
      for (const [i, { name }] of nodes.entries()) {
        const local = pods.filter(({ spec }) => (spec as { nodeName: string }).nodeName === name).length;
        assert.ok(local > 0);
        const expected = {
          all: before[i]!.pods + PODS,
          localPods: before[i]!.localPods + local,
          networkPolicies: before[i]!.networkPolicies + POLICIES + 1,
        };
        // Kernels may agree before the last events have come: of pods that no rule of theirs names.
        await waitUntilNone(`node ${name} knows all of it`, async () => {
          const { pods: all, localPods, networkPolicies } = await countsOf(cluster, name);
          const found = JSON.stringify({ all, localPods, networkPolicies });
          return found === JSON.stringify(expected) ? undefined : found;
        });
      }
      await guard.check();
    },

    async "let go of all of it when it is deleted"(cluster, guard) {
      const { api } = cluster;
      const policyPath = "/apis/networking.k8s.io/v1";
      await inBurst(cluster, `${PODS} pods and ${POLICIES} policies deleted`, async () => {
        await Promise.all(
          Array.from({ length: NAMESPACES }, async (_, i) => {
            const where = `namespaces/${namespaceOf(i)}`;
            await Promise.all([
              api.must("DELETE", `/api/v1/${where}/pods`, { gracePeriodSeconds: 0 }),
              api.must("DELETE", `${policyPath}/${where}/networkpolicies`),
            ]);
          }),
        );
        await cluster.delete(admits("other"));
        await cluster.reach.becomes({ passes: NEAR }, PATIENCE_MILLIS);
      });
      for (const name of cluster.nodes.keys()) {
        // Kernels may agree before the last events have come: of pods that no rule of theirs names.
        await waitUntilNone(`node ${name} knows what is left`, async () => {
          const { pods, networkPolicies } = await countsOf(cluster, name);
          return pods === 7 && networkPolicies === 1
            ? undefined
            : `${pods} pods, ${networkPolicies} policies`;
        });
      }
      const sent = await guard.finish();
      cluster.note(`packets meanwhile: ${JSON.stringify(sent)}`);
    },
  },
};

export default burst;
