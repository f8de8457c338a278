import { namespace, networkPolicy } from "../apiserver/cluster-objects.ts";
import { listPath } from "../apiserver/objects.ts";
import type { Random } from "../generators/random.ts";
import type { AgentCluster } from "./harness/agent-cluster.ts";
import { type Changing, keepChanging } from "./harness/changing.ts";
import { admits, admitting, role } from "./objects.ts";

const PAUSE_MILLIS = 50;
const NAMESPACE = "churn";
const NODES = ["one", "two"];
const PODS = ["a", "b", "c", "d"].map((name) => `${NAMESPACE}/${name}`);
const POLICIES = ["p", "q", "r", "s"];
const ROLES = ["red", "green", "blue"];
const TRUST = ["high", "low", null];

/**
 * Small changes without an end, of things that nobody else looks at, and of the policy that everybody does. Begins with
 * pods and a namespace of its own.
 */
export async function startChurn(cluster: AgentCluster, random: Random): Promise<Changing> {
  const { api, kubelet, site } = cluster;
  const own = namespace(NAMESPACE);
  const server = admits("server", "friend");
  const podPath = (id: string): string => `/api/v1/namespaces/${NAMESPACE}/pods/${id.split("/")[1]}`;

  const createPod = async (id: string): Promise<void> => {
    await kubelet.create(id, { node: random.pick(NODES), labels: { role: random.pick(ROLES) } });
  };
  /** Also where it has gone before and nobody heard of it. */
  const remove = async (path: string): Promise<void> => {
    const { status, body } = await api.send("DELETE", path, { gracePeriodSeconds: 0 });
    if (status !== 200 && status !== 404)
      throw new Error(`DELETE ${path}: ${status} ${JSON.stringify(body)}`);
  };
  const peer = (): object => ({
    podSelector: role(random.pick(ROLES)),
    ...(random.chance(0.5) ? { namespaceSelector: { matchLabels: { trust: "high" } } } : {}),
  });
  const policy = (name: string): ReturnType<typeof networkPolicy> =>
    networkPolicy(NAMESPACE, name, {
      podSelector: random.chance(0.3) ? {} : role(random.pick(ROLES)),
      ingress: random.chance(0.2) ? [] : [{ from: [peer()], ports: [{ port: random.int(80, 90) }] }],
    });

  const changes: readonly (readonly [weight: number, change: () => Promise<void>])[] = [
    [4, () => kubelet.label(random.pick(PODS), { role: random.pick(ROLES) })],
    [1, () => cluster.patch(own, { metadata: { labels: { trust: random.pick(TRUST) } } })],
    [2, () => cluster.patch(server, admitting({ podSelector: role("friend") }, peer()))],
    [
      4,
      async () => {
        const wanted = policy(random.pick(POLICIES));
        const path = `${listPath(wanted)}/${wanted.metadata.name}`;
        await remove(path);
        if (random.chance(0.8)) await api.must("POST", listPath(wanted), wanted);
      },
    ],
    [
      1,
      async () => {
        const id = random.pick(PODS);
        await site.stop(id);
        await remove(podPath(id));
        await createPod(id);
      },
    ],
  ];

  await cluster.create(own);
  for (const id of PODS) await createPod(id);

  return keepChanging(
    () => random.weighted(changes)(),
    () => PAUSE_MILLIS,
  );
}
