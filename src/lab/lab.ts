import { compileProgram } from "../dataplane/compile.ts";
import { DEFAULT_ENFORCEMENT, type EnforcementConfig } from "../dataplane/config.ts";
import { formatDelta, programDelta } from "../dataplane/delta.ts";
import { applyDelta, applyFirstLoad, type Kernel, KernelError } from "../dataplane/kernel.ts";
import { EMPTY_PROGRAM, type Program } from "../dataplane/program.ts";
import type { Engine } from "../engine/engine.ts";
import { type Address, formatAddress } from "../net/address.ts";
import { createNetwork, type LabNetwork } from "./network.ts";
import { type PlannedProbe, planProbes, topologyOf } from "./plan.ts";
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
  /** What each node's kernel holds. */
  readonly programs: ReadonlyMap<string, Program>;
  /** Milliseconds that the last load of rules took, of all nodes together. */
  readonly loadMillis: number;
  /** Brings network and rules to another state of the cluster, each node in one transaction. */
  update(engine: Engine): Promise<void>;
  /** Sends every probe of the plan. `onProgress` gets the number of those done. */
  measure(onProgress?: (done: number, total: number) => void): Promise<MeasuredProbe[]>;
  close(): Promise<void>;
}

/** How long an unanswered probe is waited for, in milliseconds; and again, when it was expected to pass. */
const FIRST_TIMEOUT = 500;
const SECOND_TIMEOUT = 3000;

/** Builds the lab and loads the rules before any packet is sent. Must run inside the sandbox. */
export async function openLab(
  first: Engine,
  externals: readonly Address[],
  config: EnforcementConfig = DEFAULT_ENFORCEMENT,
): Promise<Lab> {
  let engine = first;
  const network = await createNetwork({ nodes: [], pods: [], externals: [] });
  const programs = new Map<string, Program>();
  let loadMillis = 0;

  const enforce = async (nodes: readonly LabNode[]): Promise<void> => {
    const started = performance.now();
    for (const { name } of nodes) {
      const kernel = kernelOf(network, name);
      const before = programs.get(name);
      const after = compileProgram(engine, name);
      const delta = programDelta(before ?? EMPTY_PROGRAM, after);
      await (before === undefined ? applyFirstLoad(kernel, delta) : applyDelta(kernel, delta));
      programs.set(name, after);
    }
    loadMillis += performance.now() - started;
  };
  const enter = async (next: Engine): Promise<void> => {
    const wanted = topologyOf(next, externals);
    validateTopology(wanted);
    const staying = wanted.nodes.filter((node) => programs.has(node.name) && isInPlace(network, node));
    const arriving = wanted.nodes.filter((node) => !staying.includes(node));
    engine = next;
    loadMillis = 0;
    // Rules first: a new pod is judged before it can send, and one that goes loses nothing by it.
    await enforce(staying);
    const stays = new Set(staying.map(({ name }) => name));
    for (const name of [...programs.keys()]) if (!stays.has(name)) programs.delete(name);
    if (arriving.length > 0) {
      // A node comes as a new namespace, without rules: its pods follow when it has them.
      await network.update({ ...wanted, pods: wanted.pods.filter((pod) => stays.has(pod.node)) });
      await enforce(arriving);
    }
    await network.update(wanted);
  };
  try {
    await enter(first);
  } catch (error) {
    await network.close();
    throw error;
  }

  return {
    network,
    programs,
    get loadMillis() {
      return loadMillis;
    },
    update: enter,
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
        return { ...each, outcome, measured: isStopped(each, outcome, config) ? "deny" : "allow" };
      });
    },
    close: () => network.close(),
  };
}

/** Where denied packets are rejected, only such TCP is sent that is accepted if it arrives: a reset is of a rule. */
function isStopped(
  { protocol }: PlannedProbe,
  outcome: MeasuredProbe["outcome"],
  { deny }: EnforcementConfig,
): boolean {
  return outcome === "no-answer" || (deny === "reject" && protocol === "TCP" && outcome === "refused");
}

/** True if the network has this very node: one with other addresses would be made anew. */
function isInPlace(network: LabNetwork, node: LabNode): boolean {
  const present = network.endpoint(`node:${node.name}`);
  return present !== undefined && present.addresses.map(formatAddress).join(" ") === node.addresses.join(" ");
}

/** The kernel of a node's namespace. */
export function kernelOf(network: LabNetwork, node: string): Kernel {
  return {
    async apply(script) {
      const result = await network.runInNode(node, ["nft", "-f", "-"], script);
      if (result.code !== 0) {
        throw new KernelError(
          `nft refused the rules of node ${node}: ${result.stderr.trim()}`,
          result.stderr,
        );
      }
    },
  };
}

/** What `--show-rules` prints: the transaction that takes an empty table to the program. */
export function programText(program: Program): string {
  return formatDelta(programDelta(EMPTY_PROGRAM, program));
}
