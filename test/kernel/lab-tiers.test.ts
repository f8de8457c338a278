// `podwall lab` with a policy in each of the three tiers, and then without each of them.
import { beforeAll, expect, it } from "vitest";
import { podwall } from "../cli/run-podwall.ts";
import { describeKernel } from "./kernel-support.ts";
import { differing, measure, type Probe } from "./measure.ts";

const METADATA = "169.254.169.254";
const OUTSIDE = "203.0.113.9";

const pod = (namespace: string, name: string, ...ports: number[]): string => `
apiVersion: v1
kind: Pod
metadata: {name: ${name}, namespace: ${namespace}, labels: {app: ${name}}}
spec:
  containers: [{name: main, image: example.com/app, ports: [${ports.map((port) => `{containerPort: ${port}}`).join(", ")}]}]
`;
const PODS = [
  pod("shop", "web", 80),
  pod("shop", "db", 3306, 9104),
  pod("monitoring", "prometheus", 9090),
  pod("lobby", "guest", 8080),
];
const named = (namespace: string): string =>
  `namespaces: {matchLabels: {kubernetes.io/metadata.name: ${namespace}}}`;
const ADMIN = `
apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: {name: guard}
spec:
  tier: Admin
  priority: 10
  subject: {${named("shop")}}
  ingress:
  - {action: Accept, from: [{${named("monitoring")}}], protocols: [{tcp: {destinationPort: {number: 9104}}}]}
  - {action: Deny, from: [{${named("lobby")}}]}
  - {action: Pass, from: [{${named("shop")}}]}
  egress:
  - {action: Deny, to: [{networks: [${METADATA}/32]}]}
`;
const NETWORK_POLICY = `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: db, namespace: shop}
spec:
  podSelector: {matchLabels: {app: db}}
  ingress: [{from: [{podSelector: {matchLabels: {app: web}}}], ports: [{port: 3306}]}]
`;
const BASELINE = `
apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: {name: default}
spec:
  tier: Baseline
  priority: 0
  subject: {namespaces: {}}
  ingress:
  - {action: Deny, from: [{namespaces: {}}]}
`;

const manifests = (...policies: string[]): string => [...PODS, ...policies].join("---");

/** What passed, as `shop/web -> shop/db 3306`, in either family. */
async function passedUnder(...policies: string[]): Promise<string[]> {
  const probes = await measure(["-"], [METADATA, OUTSIDE], manifests(...policies));
  expect(differing(probes)).toEqual([]);
  const text = ({ from, to, protocol, port }: Probe): string => `${from} -> ${to} ${port ?? protocol}`;
  const passed = probes.filter(({ measured }) => measured === "allow").map(text);
  return [...new Set(passed)].sort();
}

describeKernel("podwall lab with a policy in each tier", () => {
  let passed: string[];
  beforeAll(async () => {
    passed = await passedUnder(ADMIN, NETWORK_POLICY, BASELINE);
  });
  const added = (other: readonly string[]): string[] => other.filter((each) => !passed.includes(each));
  const lost = (other: readonly string[]): string[] => passed.filter((each) => !other.includes(each));

  it("measures what was predicted, and counts the policies of every kind", async () => {
    const { code, stdout } = await podwall(["lab", "-"], {
      stdin: manifests(ADMIN, NETWORK_POLICY, BASELINE),
    });
    expect(code).toBe(0);
    expect(stdout).toContain("4 pods, 1 node, 3 policies");
    expect(stdout).toContain("every cell: predicted = measured");
  });

  it("lets pass between pods only what Admin and the NetworkPolicy accept", () => {
    const betweenPods = passed.filter((each) => !each.includes(METADATA) && !each.includes(OUTSIDE));
    expect(betweenPods).toEqual(["monitoring/prometheus -> shop/db 9104", "shop/web -> shop/db 3306"]);
  });

  it("keeps the shop from the metadata service, and nobody else", () => {
    const senders = (address: string): string[] => [
      ...new Set(passed.filter((each) => each.includes(`-> ${address}`)).map((each) => each.split(" ")[0]!)),
    ];
    expect(senders(METADATA)).toEqual(["lobby/guest", "monitoring/prometheus"]);
    expect(senders(OUTSIDE)).toEqual(["lobby/guest", "monitoring/prometheus", "shop/db", "shop/web"]);
  });

  it("without Admin lets the shop out, and monitoring not in", async () => {
    const others = await passedUnder(NETWORK_POLICY, BASELINE);
    expect(lost(others)).toEqual(["monitoring/prometheus -> shop/db 9104"]);
    expect(added(others).map((each) => each.replace(/ \S+$/, ""))).toEqual(
      ["shop/db", "shop/db", "shop/web", "shop/web"].map((from) => `${from} -> ${METADATA}`),
    );
  });

  it("without the NetworkPolicy falls to Baseline, which knows pods only", async () => {
    const others = await passedUnder(ADMIN, BASELINE);
    expect(lost(others)).toEqual(["shop/web -> shop/db 3306"]);
    expect(new Set(added(others).map((each) => each.replace(/ \S+$/, "")))).toEqual(
      new Set([`${METADATA} -> shop/db`, `${OUTSIDE} -> shop/db`]),
    );
  });

  it("without Baseline opens what no policy isolates, but not to what Admin denies", async () => {
    const others = await passedUnder(ADMIN, NETWORK_POLICY);
    expect(lost(others)).toEqual([]);
    expect([...new Set(added(others).map((each) => each.replace(/ \S+$/, "")))]).toEqual([
      "lobby/guest -> monitoring/prometheus",
      "monitoring/prometheus -> lobby/guest",
      "monitoring/prometheus -> shop/web",
      "shop/db -> lobby/guest",
      "shop/db -> monitoring/prometheus",
      "shop/db -> shop/web",
      "shop/web -> lobby/guest",
      "shop/web -> monitoring/prometheus",
    ]);
  });
});

describeKernel("podwall lab with a policy that names nodes", () => {
  const node = (name: string, zone: string, address: string): string => `
apiVersion: v1
kind: Node
metadata: {name: ${name}, labels: {zone: ${zone}}}
status: {addresses: [{type: InternalIP, address: ${address}}]}
`;
  const policy = `
apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: {name: nodes}
spec:
  tier: Admin
  priority: 10
  subject: {${named("shop")}}
  egress:
  - {action: Deny, to: [{nodes: {matchLabels: {zone: a}}}]}
  - {action: Deny, to: [{nodes: {matchLabels: {zone: b}}}], protocols: [{tcp: {destinationPort: {number: 10250}}}]}
`;

  it("sends packets to nodes, also to those without pods", async () => {
    const input = [...PODS, node("one", "a", "172.18.0.2"), node("two", "b", "172.18.0.3"), policy].join(
      "---",
    );
    const probes = await measure(["-"], [], input);
    expect(differing(probes)).toEqual([]);
    const stopped = probes
      .filter(({ to, measured }) => to.startsWith("172.18.") && measured === "deny")
      .map(({ from, to, protocol, port }) => `${from} -> ${to} ${port ?? protocol}`);
    expect(stopped).toEqual(
      ["shop/db", "shop/web"].flatMap((from) => [
        `${from} -> 172.18.0.2 10250`,
        `${from} -> 172.18.0.2 22`,
        `${from} -> 172.18.0.2 ICMP`,
        `${from} -> 172.18.0.3 10250`,
      ]),
    );
  });
});
