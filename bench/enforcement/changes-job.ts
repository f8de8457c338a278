import type { ClusterChange } from "../../src/cluster/change.ts";
import type { ClusterPod } from "../../src/cluster/cluster.ts";
import type { Program } from "../../src/dataplane/program/program.ts";
import { createNamespace, type Namespace } from "../../src/linux/netns.ts";
import { formatAddress, parseAddress } from "../../src/net/address.ts";
import { createRandom } from "../../test/generators/random.ts";
import { clusterOf } from "../engine-adapter.ts";
import { objectsOf } from "../profiles/inventory.ts";
import { measureOf } from "../stats.ts";
import type { Effort } from "../stopwatch.ts";
import type { ChangeName } from "./change-result.ts";
import { type Enforcement, openEnforcement } from "./enforcement.ts";
import type { EnforcementReporter } from "./enforcement-result.ts";
import { canonicalRules } from "./held-rules.ts";
import { measuredCluster, NODE, tenPodsPolicy } from "./measured-cluster.ts";
import { runOrThrow } from "./packet-path.ts";

/** Changes, those that take them back, and what the rules show in between and not before. */
interface Scenario {
  readonly thereIs: ChangeName;
  readonly backIs: ChangeName;
  readonly effort: Effort;
  readonly make: (index: number) => {
    readonly there: readonly ClusterChange[];
    readonly back: readonly ClusterChange[];
    readonly sign: string;
  };
}

const BURST = 1000;

/** Changes from the event to the kernel, on one node of a large cluster. Inside the sandbox. */
export async function changesJob(scale: number, brief: boolean, report: EnforcementReporter): Promise<void> {
  report.progress("load the rules");
  const cluster = clusterOf(objectsOf(measuredCluster("many", scale)));
  const node = createNamespace("node");
  const enforcement = await openEnforcement(cluster, NODE, node);
  const peers = remotePeers(cluster.pods, enforcement.program());
  const before = canonicalRules(await listRules(node));
  for (const scenario of scenarios(peers, brief)) {
    report.progress(scenario.thereIs);
    for (const [name, samples] of await measureScenario(scenario, enforcement, node)) {
      // The first tenth warms up.
      const warm = samples.slice(Math.floor(samples.length / 10));
      report.result({ changes: { [name]: measureOf("ms", warm) } });
    }
  }
  // Every change was taken back.
  const after = canonicalRules(await listRules(node));
  if (after !== before) throw new Error("after changes that were taken back the kernel holds other rules");
}

function scenarios(peers: readonly ClusterPod[], brief: boolean): Scenario[] {
  const random = createRandom(7);
  const one = brief ? { repetitions: 5, budget: 10_000 } : { repetitions: 250, budget: 60_000 };
  return [
    {
      thereIs: "remotePodComes",
      backIs: "remotePodGoes",
      effort: one,
      make: (index) => {
        const pod = replica(random.pick(peers), index);
        return { there: [added(pod)], back: [removed(pod)], sign: addressOf(pod) };
      },
    },
    {
      thereIs: "tenPods",
      backIs: "tenPods",
      effort: one,
      make: (index) => {
        const port = 20_000 + index;
        return { there: [policySet(port)], back: [policySet(5432)], sign: `tcp . ${port}` };
      },
    },
    {
      thereIs: "burst",
      backIs: "burst",
      effort: { ...one, repetitions: brief ? 1 : 15 },
      make: () => {
        const pods = Array.from({ length: BURST }, (_, i) => replica(random.pick(peers), i));
        return { there: pods.map(added), back: pods.map(removed), sign: addressOf(pods.at(-1)!) };
      },
    },
  ];
}

/** Milliseconds of each change. Each event comes by itself, as a watch tells it; all must be enforced. */
async function measureScenario(
  { thereIs, backIs, effort, make }: Scenario,
  enforcement: Enforcement,
  node: Namespace,
): Promise<Map<ChangeName, number[]>> {
  const samples = new Map<ChangeName, number[]>([
    [thereIs, []],
    [backIs, []],
  ]);
  const measure = async (name: ChangeName, changes: readonly ClusterChange[]): Promise<void> => {
    const start = performance.now();
    await Promise.all(changes.map((change) => enforcement.apply([change])));
    samples.get(name)!.push(performance.now() - start);
  };
  const end = performance.now() + effort.budget;
  for (let i = 0; i < effort.repetitions && (i === 0 || performance.now() < end); i++) {
    const { there, back, sign } = make(i);
    await measure(thereIs, there);
    // Once is enough to see that the promise is kept; reading all rules takes a second.
    if (i === 0 && !(await listRules(node)).includes(sign)) {
      throw new Error(`a change was said to be enforced, and the rules do not show ${sign}`);
    }
    await measure(backIs, back);
  }
  return samples;
}

/** The whole table, without counters. */
async function listRules(node: Namespace): Promise<string> {
  return runOrThrow(node, ["nft", "--stateless", "list", "table", "inet", "podwall"]);
}

/** Pods of other nodes that a rule of this node names. */
function remotePeers(pods: readonly ClusterPod[], { sets }: Program): ClusterPod[] {
  const named = new Set<string>();
  for (const set of sets.values()) {
    if (set.name.startsWith("peers_")) for (const element of set.elements.keys()) named.add(element);
  }
  return pods.filter((pod) => pod.node !== NODE && named.has(addressOf(pod)));
}

/** One more pod like another. No generated pod has an address in 10.200.0.0/16. */
function replica(pod: ClusterPod, index: number): ClusterPod {
  const address = parseAddress(`10.200.${index >>> 8}.${index & 255}`)!;
  return {
    ...pod,
    id: `${pod.id}-more-${index}`,
    name: `${pod.name}-more-${index}`,
    addresses: { 4: address },
  };
}

function addressOf(pod: ClusterPod): string {
  return formatAddress(pod.addresses[4]!);
}

function added(pod: ClusterPod): ClusterChange {
  return { kind: "pod-set", pod };
}

function removed({ id }: ClusterPod): ClusterChange {
  return { kind: "pod-removed", id };
}

function policySet(port: number): ClusterChange {
  return { kind: "policy-set", policy: tenPodsPolicy(port) };
}
