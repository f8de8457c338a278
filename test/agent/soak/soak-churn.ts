import { namespace } from "../../apiserver/cluster-objects.ts";
import { type ApiObject, listPath } from "../../apiserver/objects.ts";
import type { Random } from "../../generators/random.ts";
import type { AgentCluster } from "../harness/agent-cluster.ts";
import { type Changing, keepChanging } from "../harness/changing.ts";
import type { PodFields } from "../harness/kubelet.ts";
import {
  CHURNED,
  CHURNED_NAMESPACES,
  ROLES,
  randomClusterPolicy,
  randomHarmlessRule,
  randomNetworkPolicy,
  TRUST,
  ZONES,
} from "./random-policies.ts";
import { GUARDING } from "./stage.ts";

export interface SoakChurn extends Changing {
  /** How many changes of each kind were made. */
  readonly kinds: Readonly<Record<string, number>>;
}

/** Several changes a second, with what they take themselves. */
const PAUSE_MILLIS: readonly [number, number] = [20, 220];
/** After some changes the next one follows at once. */
const BURST = 0.15;
const MOST_PODS = 16;
const FEWEST_PODS = 6;
/** Few, so that an address that goes is soon somebody else's. */
const NUMBERS = Array.from({ length: 20 }, (_, i) => 200 + i);
const POLICY_NAMES = ["p", "q", "r", "s"];
const CLUSTER_POLICY_NAMES = ["k", "l", "m", "n", "o"];
const PORTS: NonNullable<PodFields["ports"]> = [
  { name: "web", protocol: "TCP", port: 80 },
  { name: "alt", protocol: "TCP", port: 8080 },
  { name: "dns", protocol: "UDP", port: 53 },
];

interface ChurnedPod {
  readonly node: string;
  readonly number: number;
}

/** Random changes of all that agents look at, which leave alone what is guarded. */
export async function startSoakChurn(cluster: AgentCluster, random: Random): Promise<SoakChurn> {
  const { api, kubelet } = cluster;
  const nodes = [...cluster.nodes.keys()];
  const pods = new Map<string, ChurnedPod>();
  const kinds: Record<string, number> = {};
  let named = 0;

  const freeNumber = (node: string): number => {
    const used = new Set([...pods.values()].filter((pod) => pod.node === node).map(({ number }) => number));
    return random.pick(NUMBERS.filter((number) => !used.has(number)));
  };
  const createAt = async (id: string, { node, number }: ChurnedPod): Promise<void> => {
    pods.set(id, { node, number });
    const labels = { role: random.pick(ROLES) };
    await kubelet.create(id, { node, number, labels, ports: random.sample(PORTS, random.int(1, 3)) });
  };
  const newId = (): string => `${random.pick(CHURNED_NAMESPACES)}/pod-${named++}`;
  const create = async (): Promise<void> => {
    const node = random.pick(nodes);
    await createAt(newId(), { node, number: freeNumber(node) });
  };
  const anyPod = (): string => random.pick([...pods.keys()]);
  const remove = async (id: string): Promise<void> => {
    pods.delete(id);
    await kubelet.remove(id);
  };

  /** Creates an object, or puts it in the place of the one that is there. */
  const put = async (object: ApiObject): Promise<void> => {
    const path = `${listPath(object)}/${object.metadata.name}`;
    const { status, body } = await api.send("GET", path);
    if (status === 404) {
      await api.must("POST", listPath(object), object);
      return;
    }
    const { resourceVersion } = (body as ApiObject).metadata;
    await api.must("PUT", path, { ...object, metadata: { ...object.metadata, resourceVersion } });
  };
  const putOrDelete = async (object: ApiObject): Promise<void> => {
    if (random.chance(0.7)) return put(object);
    const path = `${listPath(object)}/${object.metadata.name}`;
    const { status, body } = await api.send("DELETE", path);
    if (status !== 200 && status !== 404)
      throw new Error(`DELETE ${path}: ${status} ${JSON.stringify(body)}`);
  };

  const changes: readonly (readonly [weight: number, change: readonly [string, () => Promise<void>]])[] = [
    [3, ["pod-created", async () => (pods.size < MOST_PODS ? create() : remove(anyPod()))]],
    [2, ["pod-removed", async () => (pods.size > FEWEST_PODS ? remove(anyPod()) : create())]],
    [
      2,
      [
        "address-reused",
        async () => {
          // The object of the former pod goes after the other has come: for a while there are two of the address.
          const former = anyPod();
          const place = pods.get(former)!;
          pods.delete(former);
          await kubelet.end(former);
          await createAt(newId(), place);
          await kubelet.forget(former);
        },
      ],
    ],
    [
      1,
      [
        "pod-moved",
        async () => {
          const id = anyPod();
          const { node } = pods.get(id)!;
          await remove(id);
          const other = random.pick(nodes.filter((each) => each !== node));
          await createAt(id, { node: other, number: freeNumber(other) });
        },
      ],
    ],
    [5, ["pod-relabelled", () => kubelet.label(anyPod(), { role: random.pick(ROLES) })]],
    [
      1,
      [
        "namespace-relabelled",
        () =>
          cluster.patch(namespace(random.pick(CHURNED_NAMESPACES)), {
            metadata: { labels: { trust: random.pick(TRUST) } },
          }),
      ],
    ],
    [
      1,
      [
        "node-relabelled",
        () =>
          cluster.patch(
            { apiVersion: "v1", kind: "Node", metadata: { name: random.pick(nodes) } },
            { metadata: { labels: { zone: random.pick(ZONES) } } },
          ),
      ],
    ],
    [
      6,
      [
        "network-policy",
        () =>
          putOrDelete(
            randomNetworkPolicy(random, random.pick(CHURNED_NAMESPACES), random.pick(POLICY_NAMES)),
          ),
      ],
    ],
    [
      3,
      ["cluster-policy", () => putOrDelete(randomClusterPolicy(random, random.pick(CLUSTER_POLICY_NAMES)))],
    ],
    [
      2,
      [
        "guarding-policy",
        async () => {
          const { object, grows, rules } = random.pick(GUARDING);
          const peers = grows === "ingress" ? "from" : "to";
          const more = Array.from({ length: random.int(0, 2) }, () => randomHarmlessRule(random, peers));
          await cluster.patch(object, { spec: { [grows]: [...rules, ...more] } });
        },
      ],
    ],
  ];

  await cluster.create(...CHURNED_NAMESPACES.map((name) => namespace(name, CHURNED)));
  while (pods.size < (FEWEST_PODS + MOST_PODS) / 2) await create();

  const changing = keepChanging(
    async () => {
      const [kind, change] = random.weighted(changes);
      try {
        await change();
      } catch (error) {
        throw new Error(`${kind}: ${(error as Error).message}`, { cause: error });
      }
      kinds[kind] = (kinds[kind] ?? 0) + 1;
    },
    () => (random.chance(BURST) ? 0 : random.int(...PAUSE_MILLIS)),
  );
  return {
    kinds,
    rest: changing.rest,
    takeFailures: changing.takeFailures,
    close: changing.close,
    get made() {
      return changing.made;
    },
  };
}
