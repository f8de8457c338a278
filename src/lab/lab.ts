import { DEFAULT_POD_CIDRS } from "../cluster/build.ts";
import type { ClusterChange } from "../cluster/change.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { clusterChanges } from "../cluster/diff.ts";
import { DEFAULT_ENFORCEMENT, type EnforcementConfig } from "../dataplane/config.ts";
import type { CutConnection } from "../dataplane/connections/connection-cutter.ts";
import type { EnforcementProblem } from "../dataplane/enforcement-problem.ts";
import type { Enforcer } from "../dataplane/enforcer.ts";
import type { FlowLogEvent } from "../dataplane/flow-log/event.ts";
import type { Repair } from "../dataplane/kernel/kernel-watch.ts";
import { type NodeDataplane, openNodeDataplane } from "../dataplane/node-dataplane.ts";
import { createPolicyEngines, type PolicyEngines } from "../dataplane/policy-engines.ts";
import { formatDelta, programDelta } from "../dataplane/program/delta.ts";
import { EMPTY_PROGRAM, type Program } from "../dataplane/program/program.ts";
import type { Difference } from "../dataplane/verify/difference.ts";
import type { Engine } from "../engine/engine.ts";
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
  /** Reads every node's kernel back and compares it with the engine; by node, empty where kernel = model. */
  verify(): Promise<ReadonlyMap<string, readonly Difference[]>>;
  /** Sends packets, and says what became of each. `onProgress` gets the number of those done. */
  send(
    planned: readonly PlannedProbe[],
    onProgress?: (done: number, total: number) => void,
  ): Promise<MeasuredProbe[]>;
  /** Sends every probe of the plan. */
  measure(onProgress?: (done: number, total: number) => void): Promise<MeasuredProbe[]>;
  close(): Promise<void>;
}

export interface LabOptions {
  readonly config?: EnforcementConfig;
  /** The pod range of nodes that tell none. */
  readonly podRanges?: readonly Cidr[];
  /** False: open connections live on, whatever changes. True if left out. */
  readonly cutsConnections?: boolean;
  /** False: what others do to the nodes' tables stays, as a test may want it. True if left out. */
  readonly repairsTable?: boolean;
  readonly onCut?: (node: string, cut: readonly CutConnection[]) => void;
  readonly onProblem?: (node: string, problem: EnforcementProblem) => void;
  /** Somebody else changed a node's table, which was put right. */
  readonly onRepair?: (node: string, repair: Repair) => void;
  readonly onFlow?: (event: FlowLogEvent) => void;
}

/** How long an unanswered probe is waited for, in milliseconds; and again, when it was expected to pass. */
const FIRST_TIMEOUT = 500;
const SECOND_TIMEOUT = 3000;

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
  const nodes = new Map<string, NodeDataplane>();
  const enforcers = new Map<string, Enforcer>();
  let loadMillis = 0;

  const open = (node: string): void => {
    const dataplane = openNodeDataplane({
      engines,
      node,
      namespace: network.namespaceOf(`node:${node}`),
      reactor: network.reactor,
      config,
      alsoKnown: externals,
      cutsConnections: options.cutsConnections ?? true,
      repairsTable: options.repairsTable ?? true,
      onCut: (cut) => options.onCut?.(node, cut),
      onProblem: (problem) => options.onProblem?.(node, problem),
      onRepair: (repair) => options.onRepair?.(node, repair),
      ...(options.onFlow === undefined ? {} : { onFlow: options.onFlow }),
      // Nobody waits for it, and a lab in an unknown state proves nothing: it ends the process.
      onError: (error) => setImmediate(() => Promise.reject(error)),
    });
    nodes.set(node, dataplane);
    enforcers.set(node, dataplane.enforcer);
  };
  const shut = async (node: string): Promise<void> => {
    const dataplane = nodes.get(node);
    nodes.delete(node);
    enforcers.delete(node);
    await dataplane?.close();
  };
  const enforce = async (names: readonly string[], how: "start" | "enforce"): Promise<void> => {
    const started = performance.now();
    for (const name of names) await nodes.get(name)![how]();
    loadMillis += performance.now() - started;
  };
  const enter = async (next: Engine): Promise<void> => {
    const wanted = topologyOf(next, externals);
    validateTopology(wanted);
    engines.apply(clusterChanges(engine.cluster, withPodRanges(next.cluster, podRanges)));
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
    await enter(first);
  } catch (error) {
    await close();
    throw error;
  }

  const sendProbes: Lab["send"] = async (planned, onProgress) => {
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
  };

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
    update: enter,
    apply: async (changes) => {
      engines.apply(changes);
      loadMillis = 0;
      await enforce([...nodes.keys()], "enforce");
    },
    verify: async () => {
      const differences = new Map<string, readonly Difference[]>();
      for (const [name, dataplane] of nodes) differences.set(name, await dataplane.verify());
      return differences;
    },
    measure: (onProgress) => sendProbes(planProbes(engine, externals, config), onProgress),
    send: sendProbes,
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
