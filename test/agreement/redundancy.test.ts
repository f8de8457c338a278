// What checks call redundant is taken away, and every verdict has to stay: for the pods that there are, and where it is
// said of any pod that could exist, also with others, and with namespaces labelled otherwise.
import { expect, it } from "vitest";
import { certainCovers, presentCovers } from "../../src/analysis/check/effect/containment/cover.ts";
import { symbolicContainment } from "../../src/analysis/check/effect/containment/symbolic.ts";
import { findRedundancies } from "../../src/analysis/check/effect/redundancy/find-redundancies.ts";
import { peersWithinOthers } from "../../src/analysis/check/effect/redundancy/peers-within-others.ts";
import { portsWithinOthers } from "../../src/analysis/check/effect/redundancy/ports-within-others.ts";
import { findOverriddenRules } from "../../src/analysis/check/effect/tiers/find-overridden-rules.ts";
import { findShadowedRules } from "../../src/analysis/check/effect/tiers/find-shadowed-rules.ts";
import { checkContext } from "../../src/analysis/check/run-checks.ts";
import type { Cluster, ClusterNamespace, ClusterPod } from "../../src/cluster/cluster.ts";
import { ORIGIN } from "../../src/cluster/objects.fixture.ts";
import { withoutAudited } from "../../src/cluster/without-audited.ts";
import { createEngine } from "../../src/engine/engine.ts";
import type { FieldPath } from "../../src/k8s/location.ts";
import type { ClusterPolicy, LabelSelector, NetworkPolicy } from "../../src/k8s/objects.ts";
import { type Address, FAMILIES, maxAddressValue, parseAddress } from "../../src/net/address.ts";
import type { Policy } from "../../src/policy/policy.ts";
import { randomCluster } from "../generators/cluster.ts";
import { createRandom, type Random } from "../generators/random.ts";
import { randomNamespaceLabels, randomPodLabels } from "../generators/selectors.ts";
import { engineOf } from "./from-raw.ts";

const CLUSTERS = Number(process.env.PODWALL_REDUNDANCY_CLUSTERS ?? 300);
const FIRST_SEED = Number(process.env.PODWALL_SEED ?? 1);

/** A policy, or a place in one, that can go. */
interface Removal {
  readonly what: string;
  readonly policy: Policy;
  /** Undefined for all of the policy. */
  readonly path?: FieldPath;
  readonly holds: "always" | "today";
}

it("what is redundant can go", { timeout: 600_000 }, () => {
  const seen = new Map<string, number>();
  for (let seed = FIRST_SEED; seed < FIRST_SEED + CLUSTERS; seed++) {
    const random = createRandom(seed);
    const raw = randomCluster(seed, {
      maxPolicies: 7,
      policyKinds: seed % 2 === 0 ? "cluster-wide" : "NetworkPolicy",
    });
    const cluster = withCopies(random, engineOf(raw).cluster);
    const removals = removalsOf(cluster);
    for (const { what, holds } of removals) {
      const key = `${what} ${holds}`;
      seen.set(key, (seen.get(key) ?? 0) + 1);
    }
    for (const removal of removals) {
      if (removal.holds === "today") expectSame(`seed ${seed}: ${wordsOf(removal)}`, cluster, [removal]);
    }
    const ever = removals.filter(({ holds }) => holds === "always");
    if (ever.length === 0) continue;
    for (const each of [cluster, otherCluster(random, cluster), otherCluster(random, cluster)]) {
      expectSame(`seed ${seed}: ${ever.map(wordsOf).join(" and ")}`, each, ever);
    }
  }
  for (const what of ["policy", "rule", "shadowed rule", "overridden rules", "peer", "port"]) {
    expect(seen.get(`${what} always`), `${what} always`).toBeGreaterThan(CLUSTERS / 20);
  }
  for (const what of ["policy", "rule", "shadowed rule", "overridden rules"]) {
    expect(seen.get(`${what} today`), `${what} today`).toBeGreaterThan(CLUSTERS / 200);
  }
});

function removalsOf(cluster: Cluster): Removal[] {
  const { networkPolicies, policies, selected } = checkContext({
    cluster,
    declaredNamespaces: new Map(),
    everything: true,
  });
  const symbolic = symbolicContainment();
  const [always, today] = [certainCovers(symbolic), presentCovers(selected, symbolic)];
  const all = policies.map(({ policy }) => policy);
  const removals: Removal[] = [];
  for (const namespace of cluster.namespaces.keys()) {
    const group = networkPolicies.filter(({ source }) => source.namespace === namespace);
    for (const { checked, rule, holds } of findRedundancies(group, always, today)) {
      const { policy } = checked;
      removals.push(
        rule === undefined
          ? { what: "policy", policy, holds }
          : { what: "rule", policy, path: rule.path, holds },
      );
    }
  }
  for (const tier of ["Admin", "Baseline"]) {
    const ofTier = all.filter((policy) => policy.tier === tier);
    for (const { policy, rule, holds } of findShadowedRules(ofTier, always, today)) {
      removals.push({ what: "shadowed rule", policy, path: rule.path, holds });
    }
  }
  for (const { policy, direction, holds } of findOverriddenRules(all, selected, symbolic)) {
    removals.push({ what: "overridden rules", policy, path: ["spec", direction], holds });
  }
  for (const policy of all) {
    for (const rule of [...policy.rules.ingress, ...policy.rules.egress]) {
      for (const [peer] of peersWithinOthers(rule, symbolic))
        removals.push({ what: "peer", policy, path: peer.path, holds: "always" });
      for (const { port } of portsWithinOthers(rule))
        removals.push({ what: "port", policy, path: port.path, holds: "always" });
    }
  }
  return removals;
}

function wordsOf({ what, policy, path, holds }: Removal): string {
  return `${what} ${policy.kind} ${policy.id} ${path?.join(".") ?? ""} ${holds}`;
}

/** Verdicts with and without, as if all policies were enforced, and without those in audit mode. */
function expectSame(where: string, cluster: Cluster, removals: readonly Removal[]): void {
  const changed = without(cluster, removals);
  for (const [before, after] of [
    [wantedOf(cluster), changed],
    [wantedOf(withoutAudited(cluster)), withoutAudited(changed)],
  ] as const) {
    const got = verdictsOf(after, before.addresses);
    for (const [key, ports] of before.verdicts) {
      if (got.get(key) !== ports) expect.fail(`${where}: ${key} was ${ports}, is ${got.get(key)}`);
    }
  }
}

interface Wanted {
  readonly addresses: readonly Address[];
  readonly verdicts: ReadonlyMap<string, string>;
}

const known = new WeakMap<Cluster, Wanted>();

function wantedOf(cluster: Cluster): Wanted {
  let wanted = known.get(cluster);
  if (wanted === undefined) {
    const addresses = addressesOf(cluster);
    wanted = { addresses, verdicts: verdictsOf(cluster, addresses) };
    known.set(cluster, wanted);
  }
  return wanted;
}

function without(cluster: Cluster, removals: readonly Removal[]): Cluster {
  const change = <P extends NetworkPolicy | ClusterPolicy>(policy: P): P[] => {
    const id = policy.kind === "NetworkPolicy" ? `${policy.namespace}/${policy.name}` : policy.name;
    const own = removals.filter(({ policy: other }) => other.kind === policy.kind && other.id === id);
    if (own.some(({ path }) => path === undefined)) return [];
    // From behind, as places in lists move up.
    const paths = own.flatMap(({ path }) => (path === undefined ? [] : [path]));
    paths.sort((a, b) => (compare(a, b) > 0 ? -1 : 1));
    if (paths.length === 0) return [policy];
    const { origin, ...rest } = policy;
    // Not structuredClone: rules that are one object would stay one.
    const copy = { ...JSON.parse(JSON.stringify(rest)), origin } as P;
    for (const path of paths) removeAt(copy, path);
    return [copy];
  };
  return {
    ...cluster,
    networkPolicies: cluster.networkPolicies.flatMap(change),
    clusterPolicies: cluster.clusterPolicies.flatMap(change),
  };
}

function compare(a: FieldPath, b: FieldPath): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const [x, y] = [a[i]!, b[i]!];
    if (x !== y) return x < y ? -1 : 1;
  }
  return a.length - b.length;
}

function removeAt(object: object, path: FieldPath): void {
  // biome-ignore lint/suspicious/noExplicitAny: a walk into a policy of any kind
  let holder: any = object;
  for (const step of path.slice(0, -1)) holder = holder?.[step];
  const last = path.at(-1)!;
  if (Array.isArray(holder)) holder.splice(Number(last), 1);
  else if (holder !== undefined) delete holder[last];
}

/** Ports by pair: of pods with each other and with addresses around every block. */
function verdictsOf(cluster: Cluster, addresses: readonly Address[]): Map<string, string> {
  const engine = createEngine(cluster);
  const verdicts = new Map<string, string>();
  const pods = cluster.pods.map((pod) => ({ name: pod.id, end: engine.endOf(pod) }));
  const others = addresses.map((address) => ({
    name: `${address.family} ${address.value}`,
    end: { kind: "address", address } as const,
  }));
  for (const a of pods) {
    for (const b of [...pods, ...others]) {
      for (const family of FAMILIES) {
        verdicts.set(`${a.name} to ${b.name} by ${family}`, engine.ports(a.end, b.end, family).key);
        verdicts.set(`${b.name} to ${a.name} by ${family}`, engine.ports(b.end, a.end, family).key);
      }
    }
  }
  return verdicts;
}

/** Some of those where what is decided may change: there are hundreds. */
function addressesOf(cluster: Cluster): Address[] {
  const engine = createEngine(cluster);
  const random = createRandom(cluster.pods.length);
  return FAMILIES.flatMap((family) => {
    const values = new Set<bigint>();
    for (const { cidr } of engine.view(family).areas.all()) {
      for (const value of [cidr.first, cidr.last, cidr.first - 1n, cidr.last + 1n]) {
        if (value >= 0n && value <= maxAddressValue(family)) values.add(value);
      }
    }
    return random.sample([...values], 10).map((value) => ({ family, value }));
  });
}

/** The same policies over other pods, and with other labels of the namespaces. */
function otherCluster(random: Random, cluster: Cluster): Cluster {
  const names = [...cluster.namespaces.keys(), "newcomers"];
  const namespaces = new Map(
    names.map((name): [string, ClusterNamespace] => {
      const labels = random.chance(0.4)
        ? cluster.namespaces.get(name)?.labels
        : randomNamespaceLabels(random);
      return [name, { name, labels: { ...labels, "kubernetes.io/metadata.name": name } }];
    }),
  );
  const ports = cluster.pods.flatMap((pod) => pod.ports);
  const newcomers = Array.from({ length: 10 }, (_, index): ClusterPod => {
    const namespace = random.pick(names);
    return {
      id: `${namespace}/newcomer-${index}`,
      namespace,
      name: `newcomer-${index}`,
      labels: randomPodLabels(random) ?? {},
      ports: random.sample(ports, random.int(0, 2)),
      hostNetwork: false,
      node: undefined,
      addresses: {
        4: parseAddress(`10.244.77.${index + 1}`)!,
        6: parseAddress(`fd00:10:244:4d::${index + 1}`)!,
      },
      workload: `${namespace}/newcomer-${index}[Pod]`,
      origin: ORIGIN,
    };
  });
  return { ...cluster, namespaces, pods: [...cluster.pods, ...newcomers] };
}

/** Random policies seldom say the same: some are copied, with parts taken from others, and some are put on trial. */
function withCopies(random: Random, cluster: Cluster): Cluster {
  const networkPolicies = cluster.networkPolicies.flatMap((policy, index) => {
    const others = cluster.networkPolicies.filter(({ namespace }) => namespace === policy.namespace);
    const pods = cluster.pods.filter((pod) => pod.namespace === policy.namespace);
    return [policy, ...(random.chance(0.6) ? [copyOf(random, policy, others, pods, `copy-${index}`)] : [])];
  });
  const clusterPolicies = cluster.clusterPolicies.map((policy) =>
    policy.kind === "ClusterNetworkPolicy" && random.chance(0.4)
      ? ({ ...policy, spec: { ...policy.spec, ...moreRules(random, policy.spec) } } as ClusterPolicy)
      : policy,
  );
  const onTrial = <T extends object>(policy: T): T =>
    random.chance(0.15) ? { ...policy, audit: true } : policy;
  return {
    ...cluster,
    networkPolicies: networkPolicies.map(onTrial),
    clusterPolicies: clusterPolicies.map(onTrial),
  };
}

function copyOf(
  random: Random,
  policy: NetworkPolicy,
  others: readonly NetworkPolicy[],
  pods: readonly ClusterPod[],
  name: string,
): NetworkPolicy {
  const { spec } = policy;
  const donor = random.pick(others).spec;
  const podSelector = random.weighted([
    [4, spec.podSelector],
    [2, {}],
    [2, donor.podSelector],
    [3, oneLabelOf(random, pods)],
  ]);
  return {
    ...policy,
    name,
    spec: {
      ...spec,
      podSelector,
      ...(spec.ingress === undefined
        ? {}
        : { ingress: mixed(random, spec.ingress, donor.ingress ?? [], "from") }),
      ...(spec.egress === undefined ? {} : { egress: mixed(random, spec.egress, donor.egress ?? [], "to") }),
    },
  };
}

/** A selector of some pod, so that different selectors choose the same pods now. */
function oneLabelOf(random: Random, pods: readonly ClusterPod[]): LabelSelector {
  const labels = pods.flatMap((pod) => Object.entries(pod.labels));
  return labels.length === 0 ? {} : { matchLabels: Object.fromEntries([random.pick(labels)]) };
}

type AnyRule = Readonly<Record<string, unknown>>;

function moreRules(
  random: Random,
  spec: { readonly ingress?: readonly object[]; readonly egress?: readonly object[] },
): object {
  return {
    ...(spec.ingress === undefined ? {} : { ingress: mixed(random, spec.ingress, spec.ingress, "from") }),
    ...(spec.egress === undefined ? {} : { egress: mixed(random, spec.egress, spec.egress, "to") }),
  };
}

/** Rules with some of the others, some of which have lost a peer, or have one twice. */
function mixed<T extends object>(
  random: Random,
  rules: readonly T[],
  others: readonly T[],
  peersField: string,
): T[] {
  const added = random.sample(others, random.int(0, 2)).map((rule): T => {
    const peers = (rule as AnyRule)[peersField] as readonly object[] | undefined;
    if (peers === undefined || peers.length === 0 || random.chance(0.3)) return rule;
    const fewer = random.sample(peers, random.int(1, peers.length));
    return { ...rule, [peersField]: random.chance(0.3) ? [...fewer, fewer[0]!] : fewer };
  });
  return [...rules, ...added];
}
