import { DEFAULT_POD_CIDRS } from "../cluster/build.ts";
import type { ClusterChange } from "../cluster/change.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { clusterChanges } from "../cluster/diff.ts";
import { DEFAULT_ENFORCEMENT, type EnforcementConfig } from "../dataplane/config.ts";
import type { CutConnection } from "../dataplane/connection-cutter.ts";
import { formatDelta, programDelta } from "../dataplane/delta.ts";
import type { EnforcementProblem } from "../dataplane/enforcement-problem.ts";
import { createEnforcer, type EnforcementReport, type Enforcer } from "../dataplane/enforcer.ts";
import type { Kernel } from "../dataplane/kernel.ts";
import { nftablesKernel } from "../dataplane/nftables-kernel.ts";
import { createPolicyEngines, type PolicyEngines } from "../dataplane/policy-engines.ts";
import { EMPTY_PROGRAM, type Program } from "../dataplane/program.ts";
import type { Engine } from "../engine/engine.ts";
import { type Conntrack, openConntrack } from "../linux/netfilter/conntrack.ts";
import { ownAddresses } from "../linux/own-addresses.ts";
import { isInitialUserNamespace } from "../linux/user-namespace.ts";
import { type Address, formatAddress } from "../net/address.ts";
import type { Cidr } from "../net/cidr.ts";
import { createNetwork, type LabNetwork } from "./network.ts";
import { isStopped, type PlannedProbe, planProbes, topologyOf } from "./plan.ts";
import { probe } from "./probe.ts";
import { type LabNode, validateTopology } from "./topology.ts";

/** A probe, and what became of its packet. */
export interface MeasuredProbe extends PlannedProbe {
  readonly measured: "allow" | "deny";
  /** `refused`: it arrived, and nobody listens there; of TCP also where denied packets are rejected. */
  readonly outcome: "answered" | "refused" | "no-answer";
}

/** A cluster in network namespaces, with its policies in force. */
export interface Lab {
  readonly network: LabNetwork;
  /** What decides, now. */
  readonly engines: PolicyEngines;
  /** By the names of the nodes. */
  readonly enforcers: ReadonlyMap<string, Enforcer>;
  /** What each node's kernel holds, spelled out: not to be asked for often. */
  readonly programs: ReadonlyMap<string, Program>;
  /** Milliseconds that the last load of rules took, of all nodes together. */
  readonly loadMillis: number;
  /** Brings network and rules to another state of the cluster, each node in one transaction. */
  update(engine: Engine): Promise<void>;
  /** Takes changes in that need no other network: none of pods or nodes that come, go or move. */
  apply(changes: readonly ClusterChange[]): Promise<void>;
  /** Sends every probe of the plan. `onProgress` gets the number of those done. */
  measure(onProgress?: (done: number, total: number) => void): Promise<MeasuredProbe[]>;
  close(): Promise<void>;
}

export interface LabOptions {
  readonly config?: EnforcementConfig;
  /** The pod range of nodes that tell none. */
  readonly podRanges?: readonly Cidr[];
  readonly onCut?: (node: string, cut: readonly CutConnection[]) => void;
  readonly onProblem?: (node: string, problem: EnforcementProblem) => void;
}

/** How long an unanswered probe is waited for, in milliseconds; and again, when it was expected to pass. */
const FIRST_TIMEOUT = 500;
const SECOND_TIMEOUT = 3000;

/** One node's part of the lab. */
interface NodeParts {
  readonly enforcer: Enforcer;
  readonly kernel: Kernel;
  readonly conntrack: Conntrack;
}

/** Builds the lab and loads the rules before any packet is sent. Must run inside the sandbox. */
export async function openLab(
  first: Engine,
  externals: readonly Address[],
  options: LabOptions = {},
): Promise<Lab> {
  const { config = DEFAULT_ENFORCEMENT, podRanges = DEFAULT_POD_CIDRS } = options;
  const engines = createPolicyEngines(withPodRanges(first.cluster, podRanges));
  const { engine } = engines;
  const network = await createNetwork({ nodes: [], pods: [], externals: [] });
  const nodes = new Map<string, NodeParts>();
  const enforcers = new Map<string, Enforcer>();
  let loadMillis = 0;

  const open = (node: string): NodeParts => {
    const namespace = network.namespaceOf(`node:${node}`);
    const kernel = nftablesKernel(node, namespace);
    const conntrack = openConntrack(namespace);
    const enforcer = createEnforcer({
      engines,
      node,
      kernel,
      config,
      conntrack,
      alsoKnown: externals,
      ownAddresses: () => ownAddresses(namespace),
      mayBeLarge: isInitialUserNamespace(),
      onLateCut: (cut) => options.onCut?.(node, cut),
      onError: (error) => {
        throw error;
      },
    });
    const parts = { enforcer, kernel, conntrack };
    nodes.set(node, parts);
    enforcers.set(node, enforcer);
    return parts;
  };
  const shut = async (node: string): Promise<void> => {
    const parts = nodes.get(node);
    nodes.delete(node);
    enforcers.delete(node);
    await parts?.enforcer.close();
    parts?.kernel.close();
    parts?.conntrack.close();
  };
  const tell = (node: string, { problems, cut }: EnforcementReport): void => {
    for (const problem of problems) options.onProblem?.(node, problem);
    if (cut.length > 0) options.onCut?.(node, cut);
  };
  const enforce = async (names: readonly string[], how: "start" | "enforce"): Promise<void> => {
    const started = performance.now();
    for (const name of names) tell(name, await nodes.get(name)!.enforcer[how]());
    loadMillis += performance.now() - started;
  };
  const enter = async (cluster: Cluster): Promise<void> => {
    engines.apply(clusterChanges(engine.cluster, cluster));
    const wanted = topologyOf(engine, externals);
    validateTopology(wanted);
    const staying = wanted.nodes.filter((node) => nodes.has(node.name) && isInPlace(network, node));
    const arriving = wanted.nodes.filter((node) => !staying.includes(node));
    loadMillis = 0;
    // Rules first: a new pod is judged before it can send, and one that goes loses nothing by it.
    await enforce(
      staying.map(({ name }) => name),
      "enforce",
    );
    const stays = new Set(staying.map(({ name }) => name));
    for (const name of [...nodes.keys()]) if (!stays.has(name)) await shut(name);
    if (arriving.length > 0) {
      // A node comes as a new namespace, without rules: its pods follow when it has them.
      await network.update({ ...wanted, pods: wanted.pods.filter((pod) => stays.has(pod.node)) });
      for (const { name } of arriving) open(name);
      await enforce(
        arriving.map(({ name }) => name),
        "start",
      );
    }
    await network.update(wanted);
  };
  const close = async (): Promise<void> => {
    for (const name of [...nodes.keys()]) await shut(name);
    await network.close();
  };
  try {
    await enter(engine.cluster);
  } catch (error) {
    await close();
    throw error;
  }

  return {
    network,
    engines,
    enforcers,
    get programs() {
      return new Map([...enforcers].map(([name, enforcer]) => [name, enforcer.program()]));
    },
    get loadMillis() {
      return loadMillis;
    },
    update: (next) => enter(withPodRanges(next.cluster, podRanges)),
    apply: async (changes) => {
      engines.apply(changes);
      loadMillis = 0;
      await enforce([...nodes.keys()], "enforce");
    },
    async measure(onProgress) {
      const planned = planProbes(engine, externals, config);
      const send = (probes: readonly PlannedProbe[], timeoutMs: number, base: number) =>
        probe(
          network,
          probes.map(({ from, address, protocol, port, family }) => ({
            from,
            to: { address },
            protocol,
            family,
            ...(port === undefined ? {} : { port }),
          })),
          { timeoutMs, onProgress: (done) => onProgress?.(base + done, planned.length) },
        );
      const results = await send(planned, FIRST_TIMEOUT, 0);
      // A busy machine can be late; a packet that the kernel drops stays dropped however long one waits.
      const late = planned.flatMap((each, i) =>
        each.predicted === "allow" && results[i]!.outcome === "no-answer" ? [i] : [],
      );
      const again = await send(
        late.map((i) => planned[i]!),
        SECOND_TIMEOUT,
        planned.length - late.length,
      );
      for (const [position, i] of late.entries()) results[i] = again[position]!;
      return planned.map((each, i): MeasuredProbe => {
        const { outcome } = results[i]!;
        return {
          ...each,
          outcome,
          measured: isStopped(each.protocol, outcome, config.deny) ? "deny" : "allow",
        };
      });
    },
    close,
  };
}

/** True if the network has this very node: one with other addresses would be made anew. */
function isInPlace(network: LabNetwork, node: LabNode): boolean {
  const present = network.endpoint(`node:${node.name}`);
  return present !== undefined && present.addresses.map(formatAddress).join(" ") === node.addresses.join(" ");
}

/** The cluster with a pod range for every node that tells none: its pods may be anywhere in the lab's. */
function withPodRanges(cluster: Cluster, podRanges: readonly Cidr[]): Cluster {
  const nodes = new Map([...cluster.nodes].map(([name, node]) => [name, { podRanges, ...node }]));
  return { ...cluster, nodes };
}

/** What `--show-rules` prints: the transaction that takes an empty table to the program. */
export function programText(program: Program): string {
  return formatDelta(programDelta(EMPTY_PROGRAM, program));
}
