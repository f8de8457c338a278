import type { Engine } from "../engine/engine.ts";
import type { NodeProgram } from "./compile/node-program.ts";
import type { KernelError } from "./kernel/kernel.ts";

/** Something that the kernel would not take. */
export interface EnforcementProblem {
  /** What nft said, with the operation. */
  readonly message: string;
  /**
   * `replaced`: everything was loaded anew instead. `closed`: the pods are closed until it goes away. `unchanged`: nothing
   * could be loaded, which is tried again.
   */
  readonly outcome: "replaced" | "closed" | "unchanged";
  /** The class chains concerned; empty where nft does not say. */
  readonly chains: readonly string[];
  /** Ids of the pods concerned. */
  readonly pods: readonly string[];
  /** `NetworkPolicy shop/db`: the policies from which the refused operation comes. */
  readonly policies: readonly string[];
}

/** From the refused operation to the chains that need it, and to their pods and policies. */
export function problemOf(
  error: KernelError,
  program: NodeProgram,
  engine: Engine,
  outcome: EnforcementProblem["outcome"],
): EnforcementProblem {
  const chains = error.target === undefined ? [] : program.chainsNeeding(error.target);
  const pods = new Set<string>();
  const policies = new Set<string>();
  for (const chain of chains) {
    const subject = program.subjectOf(chain);
    if (subject === undefined) continue;
    const { direction, family, podClass } = subject;
    for (const { pod } of subject.pods) pods.add(pod.id);
    for (const { kind, id } of engine.view(family).row(direction, podClass).policies)
      policies.add(`${kind} ${id}`);
  }
  return { message: error.message, outcome, chains, pods: [...pods], policies: [...policies] };
}
