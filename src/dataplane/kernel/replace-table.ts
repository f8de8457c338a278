import type { EnforcementConfig } from "../config.ts";
import { closedProgram } from "../program/closed-program.ts";
import { type Delta, deltaBytes, replacementDelta } from "../program/delta.ts";
import type { Program } from "../program/program.ts";
import { programChange } from "../program/program-change.ts";
import { shutProgram } from "../program/shut-program.ts";
import { applyChange, applyDelta, applyInPieces, type Kernel, KernelError, PIECE_BYTES } from "./kernel.ts";

export interface ReplacementOptions {
  readonly config: EnforcementConfig;
  /** False in a user namespace, where a transaction may not be large. */
  readonly mayBeLarge: boolean;
  /** What fills the sets of cut connections. Each operation may stand alone. */
  readonly cuts: Delta;
}

/** How often a load is begun anew because the table was taken away in the middle of it. */
const MOST_ATTEMPTS = 8;

/**
 * Puts a program in the place of whatever the table holds: in one transaction where it is small; otherwise closed at
 * once, and filled in afterwards. Rejects with a {@link KernelError} where nft refuses it.
 */
export async function replaceTable(
  kernel: Kernel,
  program: Program,
  { config, mayBeLarge, cuts }: ReplacementOptions,
): Promise<void> {
  const whole = [...replacementDelta(program), ...cuts];
  if (deltaBytes(whole) <= PIECE_BYTES) return applyDelta(kernel, whole);
  let closed = closedProgram(program, config);
  const isTooLarge = !mayBeLarge && deltaBytes(replacementDelta(closed)) > PIECE_BYTES;
  if (isTooLarge) closed = shutProgram(program);
  for (let attempt = 1; ; attempt++) {
    const first = replacementDelta(closed);
    const fits = deltaBytes(first) + deltaBytes(cuts) <= PIECE_BYTES ? cuts.length : 0;
    await applyDelta(kernel, [...first, ...cuts.slice(0, fits)]);
    try {
      await applyInPieces(kernel, cuts.slice(fits), PIECE_BYTES);
      return await applyChange(kernel, programChange(closed, program), mayBeLarge);
    } catch (error) {
      // Nothing of it is to blame if somebody took the table away in between.
      const isGone = error instanceof KernelError && (await kernel.read()).chains.size === 0;
      if (!isGone || attempt === MOST_ATTEMPTS) throw error;
    }
  }
}
