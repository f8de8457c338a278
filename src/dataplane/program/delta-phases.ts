import type { Delta, DeltaOperation } from "./delta.ts";
import type { ProgramChange } from "./program.ts";

/**
 * A delta in three parts. What is only there after `prepare` no packet meets yet, and what is left for `clean` no packet
 * meets any more: these two may be cut into several transactions. `change` must be one.
 */
export interface DeltaPhases {
  readonly prepare: readonly DeltaOperation[];
  readonly change: readonly DeltaOperation[];
  readonly clean: readonly DeltaOperation[];
}

/** Sorts the operations of a change by what they may do to packets. */
export function deltaPhases(delta: Delta, change: ProgramChange): DeltaPhases {
  const isNew = new Set([
    "table",
    ...change.addedChains.filter(({ hook }) => hook === undefined).map(({ name }) => `chain ${name}`),
    ...change.addedSets.map(({ kind, name }) => `${kind} ${name}`),
  ]);
  const isGone = new Set([
    ...change.removedChains.filter(({ hook }) => hook === undefined).map(({ name }) => `chain ${name}`),
    ...change.removedSets.map(({ kind, name }) => `${kind} ${name}`),
  ]);
  const phases = {
    prepare: [] as DeltaOperation[],
    change: [] as DeltaOperation[],
    clean: [] as DeltaOperation[],
  };
  for (const operation of delta) {
    // A base chain without rules lets everything pass, as if it were not there.
    const declares = operation.command.startsWith("add chain");
    if (declares || isNew.has(operation.target)) phases.prepare.push(operation);
    else if (isGone.has(operation.target)) phases.clean.push(operation);
    else phases.change.push(operation);
  }
  return phases;
}
