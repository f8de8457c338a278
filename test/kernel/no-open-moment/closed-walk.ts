import { buildCluster } from "../../../src/cluster/build.ts";
import type { Cluster } from "../../../src/cluster/cluster.ts";
import type { Origin } from "../../../src/k8s/location.ts";
import { parseObject } from "../../../src/k8s/object.ts";
import type { KubernetesObject } from "../../../src/k8s/objects.ts";
import { createRandom, type Random } from "../../generators/random.ts";

/** A cluster that changes at random, and never lets `shop/a` reach `shop/b`, but always `shop/c`. */
export interface ClosedWalk {
  readonly cluster: Cluster;
  /** The next cluster: one or two things are different. */
  step(): Cluster;
}

type Manifest = Readonly<Record<string, unknown>>;

const origin: Origin = { file: "walk", position: () => ({ file: "walk", line: 0, column: 0 }) };

/** In the lab from the first to the last moment; `d-0` to `d-3` are bystanders. */
const STAYING = ["a", "b", "c", "d-0", "d-1", "d-2", "d-3"];
const ADDRESS_OF_A = "10.244.0.10";

function pod(
  namespace: string,
  name: string,
  number: number,
  labels: Record<string, string>,
  node = "one",
): Manifest {
  const podIPs = [{ ip: `10.244.0.${number}` }, { ip: `fd00:10:244::${number.toString(16)}` }];
  const spec = { nodeName: node, containers: [{ name: "main", image: "i" }] };
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { namespace, name, labels },
    spec,
    status: { podIPs },
  };
}

function policy(name: string, spec: Manifest): Manifest {
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { namespace: "shop", name },
    spec,
  };
}

const pods = (labels: Record<string, string>): Manifest => ({ podSelector: { matchLabels: labels } });

/** Peers of rules for `b`, none of which is `a`. */
const PEERS: readonly Manifest[] = [
  pods({ app: "d" }),
  pods({ color: "red" }),
  { namespaceSelector: { matchLabels: { tier: "1" } } },
  { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "far" } } },
  { ipBlock: { cidr: "192.168.0.0/16" } },
  { ipBlock: { cidr: "10.244.0.0/24", except: [`${ADDRESS_OF_A}/32`] } },
];

/** A walk that is the same for the same seed. */
export function closedWalk(seed: number): ClosedWalk {
  const random: Random = createRandom(seed);
  const objects = new Map<string, KubernetesObject>();
  const set = (key: string, manifest: Manifest | undefined): void => {
    objects.delete(key);
    if (manifest === undefined) return;
    const parsed = parseObject(manifest, origin);
    if (parsed.findings.length > 0) throw new Error(JSON.stringify(parsed.findings));
    objects.set(key, parsed.objects[0]!);
  };
  const someOf = <T>(values: readonly T[]): T[] => values.filter(() => random.chance(0.4));
  const ports = (): Manifest =>
    random.chance(0.5) ? {} : { ports: [{ port: random.pick([80, 443, 3306]), protocol: "TCP" }] };

  const label = (name: string): void => {
    const app = name.slice(0, 1);
    // No rule lets in a pod for the colours of `a`.
    const color = name === "a" ? random.pick(["blue", "green"]) : random.pick(["red", "blue", "green"]);
    const number = 10 + STAYING.indexOf(name);
    set(`pod ${name}`, pod("shop", name, number, { app, color, noise: String(random.int(0, 2)) }));
  };
  const guard = (name: string | undefined): void => {
    set("policy guard-1", undefined);
    set("policy guard-2", undefined);
    if (name === undefined) return;
    const rules = [{ from: [pods({ app: "c" })] }];
    const others = someOf(PEERS).map((peer) => ({ from: [peer], ...ports() }));
    set(`policy ${name}`, policy(name, { ...pods({ app: "b" }), ingress: [...rules, ...others] }));
  };
  const steps: readonly (() => void)[] = [
    () => guard(random.pick(["guard-1", "guard-2"])),
    () => guard(random.pick(["guard-1", "guard-2"])),
    () => label(random.pick(STAYING)),
    () => label("b"),
    () => label("a"),
    () =>
      set(
        "policy more",
        random.chance(0.5) ? undefined : policy("more", { ...pods({ app: "b" }), ingress: [] }),
      ),
    () => {
      const egress = random.pick([
        undefined,
        [],
        [{ to: [pods({ app: "b" })] }],
        [{ to: [pods({ app: "d" })], ...ports() }],
      ]);
      set(
        "policy leave",
        egress === undefined
          ? undefined
          : policy("leave", { ...pods({ app: "a" }), policyTypes: ["Egress"], egress }),
      );
    },
    () => {
      const name = `others-${random.int(0, 2)}`;
      const spec = { ...pods({ app: "d" }), ingress: [{ from: someOf(PEERS).slice(0, 1), ...ports() }] };
      set(`policy ${name}`, random.chance(0.3) ? undefined : policy(name, spec));
    },
    () => {
      const number = 100 + random.int(0, 49);
      const node = random.pick(["one", "two"]);
      const color = random.pick(["red", "blue"]);
      const key = `pod far-${number}`;
      set(
        key,
        objects.has(key)
          ? undefined
          : pod(random.pick(["far", "shop"]), `far-${number}`, number, { color }, node),
      );
    },
    () => set("namespace far", namespaceOf("far", { tier: String(random.int(0, 1)) })),
  ];

  set("node one", node("one", "172.18.0.2"));
  set("namespace shop", namespaceOf("shop", {}));
  set("namespace far", namespaceOf("far", {}));
  for (const name of STAYING) label(name);
  guard("guard-1");
  let cluster = built();
  function built(): Cluster {
    const { cluster, findings } = buildCluster([...objects.values()]);
    if (findings.length > 0) throw new Error(JSON.stringify(findings));
    return cluster;
  }
  return {
    get cluster() {
      return cluster;
    },
    step() {
      for (const step of [random.pick(steps), ...(random.chance(0.3) ? [random.pick(steps)] : [])]) step();
      cluster = built();
      return cluster;
    },
  };
}

function namespaceOf(name: string, labels: Record<string, string>): Manifest {
  return { apiVersion: "v1", kind: "Namespace", metadata: { name, labels } };
}

function node(name: string, address: string): Manifest {
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: { name },
    status: { addresses: [{ type: "InternalIP", address }] },
  };
}
