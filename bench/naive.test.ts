import { describe, expect, it } from "vitest";
import type { Namespace, NetworkPolicy, Pod } from "../src/k8s/objects.ts";
import { ALL_PORTS, NO_PORTS, portRange } from "../src/net/port-set.ts";
import { benchEngine, clusterOf } from "./engine-adapter.ts";
import { naivePorts } from "./naive.ts";
import { GENERATED, objectsOf } from "./profiles/inventory.ts";
import { PROFILES } from "./profiles/profiles.ts";

const namespaces: Namespace[] = [
  { kind: "Namespace", name: "shop", labels: { team: "a" }, origin: GENERATED },
  { kind: "Namespace", name: "ops", labels: { team: "b" }, origin: GENERATED },
];

function pod(namespace: string, app: string, address: string): Pod {
  return {
    kind: "Pod",
    namespace,
    name: app,
    labels: { app },
    ports: [{ name: "sql", port: 5432, protocol: "TCP" }],
    hostNetwork: false,
    addresses: [address],
    hostAddresses: [],
    origin: GENERATED,
  };
}

function policy(spec: NetworkPolicy["spec"]): NetworkPolicy {
  return { kind: "NetworkPolicy", namespace: "shop", name: "p", spec, broken: false, origin: GENERATED };
}

const db = pod("shop", "db", "10.0.0.1");
const web = pod("shop", "web", "10.0.0.2");
const probe = pod("ops", "probe", "10.0.1.3");
const sql = portRange("TCP", 5432);

describe("the naive loop", () => {
  const into = (spec: Omit<NetworkPolicy["spec"], "podSelector">, from: Pod) =>
    naivePorts(
      { namespaces, policies: [policy({ podSelector: { matchLabels: { app: "db" } }, ...spec })] },
      from,
      db,
    );

  it("isolates what a policy selects, and only that", () => {
    expect(into({}, web)).toBe(NO_PORTS);
    expect(into({ policyTypes: ["Egress"] }, web)).toBe(ALL_PORTS);
    expect(into({}, db)).toBe(ALL_PORTS);
  });

  it("reads a podSelector alone as the policy's own namespace", () => {
    const ingress = [{ from: [{ podSelector: {} }], ports: [{ port: "sql" }] }];
    expect(into({ ingress }, web)).toBe(sql);
    expect(into({ ingress }, probe)).toBe(NO_PORTS);
  });

  it("matches namespaces by label, and pods by the addresses of a block without its exceptions", () => {
    const selector = { matchLabels: { team: "b" } };
    expect(into({ ingress: [{ from: [{ namespaceSelector: selector }] }] }, probe)).toBe(ALL_PORTS);
    expect(into({ ingress: [{ from: [{ namespaceSelector: selector }] }] }, web)).toBe(NO_PORTS);
    const ipBlock = { cidr: "10.0.0.0/16", except: ["10.0.1.0/24"] };
    expect(into({ ingress: [{ from: [{ ipBlock }] }] }, web)).toBe(ALL_PORTS);
    expect(into({ ingress: [{ from: [{ ipBlock }] }] }, probe)).toBe(NO_PORTS);
  });

  it.each(PROFILES)("agrees with the engine on every pair of profile $name, in small", (profile) => {
    const cluster = profile.generate(0.01);
    const engine = benchEngine(clusterOf(objectsOf(cluster)));
    const ends = new Map(engine.podEnds().map((end) => [end.kind === "pod" ? end.pod.id : "", end]));
    const differing = cluster.pods.slice(0, 60).flatMap((from) =>
      cluster.pods
        .filter((to) => {
          const [a, b] = [from, to].map(({ namespace, name }) => ends.get(`${namespace}/${name}`)!);
          return engine.ports(a!, b!) !== naivePorts(cluster, from, to);
        })
        .map((to) => `${from.name} -> ${to.name}`),
    );
    expect(differing).toEqual([]);
  });
});
